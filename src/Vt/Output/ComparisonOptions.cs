using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Commands;

namespace Vt.Output;

/// <summary>The options by which commands are told how to show what differs between two trees.</summary>
sealed class ComparisonOptions
{
    const int UsualContext = 3;

    readonly Option<bool> _statistics = new("--stat") { Description = "Show how many lines and bytes changed in each file, and in all" };
    readonly Option<bool> _patch = new("-p", "--patch") { Description = "Show the changed lines, as a patch for git apply or patch -p1" };
    readonly Option<int?> _context = new("-U", "--unified") { Description = "With -p: show so many equal lines around changes, else 3", HelpName = "LINES" };

    /// <summary>What the help of a command says of them.</summary>
    public const string Help =
        """
        With --stat each line has a file's name, how many lines changed, or binary, the bytes that came and went, and a bar of the lines. Of what is no text, which has a byte 0
        among its first 8000, or is larger than 16 MiB, bytes are counted by the blocks that both sides share, so that a large image with one changed block takes the time of that block.

        A patch says of metadata what git does: whether the owner may run a file. Owners, attributes, times, folders and devices are in no patch. Of what is no text it only says that
        it differs.
        """;

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_statistics);
        command.Options.Add(_patch);
        command.Options.Add(_context);
    }

    /// <summary>Whether one was given.</summary>
    public bool AreSaid(CommandContext context) => context.Get(_statistics) || context.Get(_patch);

    /// <summary>What was said.</summary>
    /// <param name="context">The command.</param>
    /// <param name="isRaw">Whether paths are printed as bytes.</param>
    /// <param name="isJson">Whether JSON objects are printed.</param>
    /// <exception cref="UserErrorException">The options don't go together.</exception>
    public TreeComparison Read(CommandContext context, bool isRaw, bool isJson)
    {
        var (statistics, patch, lines) = (context.Get(_statistics), context.Get(_patch), context.Get(_context));
        if (patch && (statistics || isJson))
            throw new UserErrorException("-p prints a patch and nothing else: leave --stat and --json out");
        if (isRaw && (patch || statistics || isJson))
            throw new UserErrorException("-0 prints letters and paths and nothing else: leave -p, --stat and --json out");
        if (lines is not null && !patch)
            throw new UserErrorException("-U is for patches: say -p too");
        if (lines is < 0)
            throw new UserErrorException($"-U takes a number of lines, not {lines}");
        return new TreeComparison { HasStatistics = statistics, IsPatch = patch, Context = lines ?? UsualContext, IsRaw = isRaw, IsJson = isJson };
    }
}
