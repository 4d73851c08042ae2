using Vt.Commands;
using Vt.Output;
using Vt.Settings;
using Vt.Trees.Sync;
using Vt.Versions;

namespace Vt.Remotes;

/// <summary>Prints what becomes of everything as it is known, and what was sent at the end.</summary>
/// <param name="context">The command.</param>
/// <param name="isJson">Whether to print JSON objects.</param>
/// <param name="isDryRun">Whether nothing was done.</param>
sealed class SyncReport(CommandContext context, bool isJson, bool isDryRun)
{
    readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    bool _isFirstWay;

    /// <summary>How many things were refused.</summary>
    public int Refused { get; private set; }

    /// <summary>How many faults were found when what was brought was checked.</summary>
    public long Faults { get; private set; }

    /// <summary>The exit status.</summary>
    public int Code => Refused > 0 || Faults > 0 ? ExitCode.Error : ExitCode.Ok;

    /// <summary>Until the result is disposed things are brought the first of two ways: what is up to date is told when they are brought the other way.</summary>
    public IDisposable BeginFirstWay()
    {
        _isFirstWay = true;
        return new FirstWay(this);
    }

    /// <summary>Prints what became of something. What was refused one way is not told again the other way.</summary>
    public void Add(SyncLine line)
    {
        if ((_isFirstWay && line.Outcome == SyncOutcome.UpToDate) || (line.Outcome == SyncOutcome.Refused && !_refused.Add(line.What)))
            return;
        Refused += line.Outcome == SyncOutcome.Refused ? 1 : 0;
        if (isJson)
            PrintJson(line);
        else if (line.Outcome == SyncOutcome.Refused)
            context.Messages.Say($"{line.What}: {line.Detail}");
        else
            context.Output.WriteLine(TerminalText.Visible(TextOf(line)));
        context.Output.Flush();
    }

    /// <summary>Prints a text that is the result itself.</summary>
    public void AddText(string text) => context.Output.WriteLine(text);

    /// <summary>Says that something is wrong with what was brought.</summary>
    public void AddFault(string fault)
    {
        Faults++;
        context.Messages.Say(fault);
    }

    /// <summary>Prints how much there was to do.</summary>
    /// <param name="counters">The counters.</param>
    /// <param name="isWanted">Whether they are printed as a result.</param>
    public void Finish(TransferCounters counters, bool isWanted)
    {
        if (isWanted && isJson)
            PrintJson(counters);
        else if (isWanted)
            context.Output.WriteLine(TextOf(counters));
        else if (!context.IsQuiet && !isJson)
            context.Messages.Say(TextOf(counters));
    }

    string TextOf(TransferCounters counters) => isDryRun
        ? $"{HumanText.Count(counters.Found, "block is", "blocks are")} missing, {HumanText.Size(counters.ExpectedBytes)}; {HumanText.Count(counters.Asked, "was", "were")} asked about, {HumanText.Count(counters.Skipped, "is", "are")} there"
        : $"{HumanText.Count(counters.SentBlocks, "block was", "blocks were")} sent, {HumanText.Size(counters.SentBytes)}; {HumanText.Count(counters.Asked, "was", "were")} asked about, {HumanText.Count(counters.Skipped, "was", "were")} there";

    static string TextOf(SyncLine line)
    {
        var moved = (line.Before, line.After) switch
        {
            ({ } before, { } after) when before != after => $"  {before.ToShortString()}..{after.ToShortString()}",
            (_, { } after) => $"  {after.ToShortString()}",
            _ => "",
        };
        return $"{line.What}  {NameOf(line.Outcome)}{moved}{(line.Detail.Length > 0 ? $"  {line.Detail}" : "")}";
    }

    static string NameOf(SyncOutcome outcome) => outcome switch
    {
        SyncOutcome.UpToDate => "up to date",
        SyncOutcome.Made => "new",
        SyncOutcome.Forwarded => "moved on",
        SyncOutcome.Forced => "forced",
        SyncOutcome.Behind => "behind",
        SyncOutcome.Brought => "brought",
        _ => "refused",
    };

    void PrintJson(SyncLine line)
    {
        var json = context.Output.BeginJson();
        json.WriteStartObject();
        json.WriteString("what", line.What);
        json.WriteString("outcome", NameOf(line.Outcome));
        json.WriteString("before", line.Before is { } before ? CommitText.IdOf(before) : null);
        json.WriteString("after", line.After is { } after ? CommitText.IdOf(after) : null);
        json.WriteNumber("count", line.Count);
        if (line.Detail.Length > 0)
            json.WriteString("detail", line.Detail);
        json.WriteEndObject();
        context.Output.EndJson();
    }

    void PrintJson(TransferCounters counters)
    {
        var json = context.Output.BeginJson();
        json.WriteStartObject();
        json.WriteBoolean("dry_run", isDryRun);
        json.WriteNumber("asked", counters.Asked);
        json.WriteNumber("skipped", counters.Skipped);
        json.WriteNumber("missing", counters.Found);
        json.WriteNumber("missing_bytes", counters.ExpectedBytes);
        json.WriteNumber("sent_blocks", counters.SentBlocks);
        json.WriteNumber("sent_bytes", counters.SentBytes);
        json.WriteEndObject();
        context.Output.EndJson();
    }

    sealed class FirstWay(SyncReport report) : IDisposable
    {
        public void Dispose() => report._isFirstWay = false;
    }
}
