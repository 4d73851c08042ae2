using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Hosts.FuseHost;
using Vt.Mounts;
using Vt.Output;
using Vt.Posix;
using Vt.Settings;
using Vt.Trees.Diff;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Versions;

namespace Vt.Commands;

/// <summary>Shows what is not committed in a branch's tree, or how a live mount stands.</summary>
sealed class StatusVerb : Verb
{
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<string> _branch = VolumeOptions.Branch();
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object, or one for each difference");
    readonly Argument<string?> _place = new("MNT") { Description = "A live mount, or anything in it", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public StatusVerb()
        : base("status", "Show what is not committed; of a mount, what waits to be stored and what its operations took")
    {
        Options.Add(_volume);
        Options.Add(_branch);
        Options.Add(_json);
        Arguments.Add(_place);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        Without MNT what differs between a branch's last commit and its tree is shown, as vt diff does. Of a branch that is mounted a state is made first. Where
        others have committed meanwhile, elsewhere, that is said, and what differs from the commit that the tree comes from is shown.

        With MNT the times are the server's, from reading a request of the kernel to writing the answer: mean, median, 99th of 100 and longest, in
        microseconds. The attribute x-vt-status of anything in the mount says the same as JSON.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt status", "Show what a commit would keep."),
        ("vt status /mnt", "Show how a mount stands."),
        ("vt status --json /mnt | jq .unstored_bytes", "Tell how much waits to be stored."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Get(_place) is not { } place)
            return await ShowChangesAsync(context, cancellationToken);
        if ((context.Get(_volume) ?? context.Get(_branch)) is not null)
            throw new UserErrorException("-V and -b choose a branch, MNT a mount: say one of them");
        var text = Read(place, LosslessText.ToBytes(context.PathFromHere(place)));
        if (context.Get(_json))
            context.Output.WriteLine(Encoding.UTF8.GetString(text));
        else
            Print(context.Output, text);
        return ExitCode.Ok;
    }

    async Task<int> ShowChangesAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: false, cancellationToken);
        var volume = await volumes.FindVolumeAsync(context.Get(_volume), cancellationToken);
        var branch = await volumes.FindBranchAsync(volume, context.Get(_branch), cancellationToken);
        using var tree = await BranchTree.OpenAsync(context, volumes, volume, branch, cancellationToken);
        var now = await tree.ReadRootAsync(cancellationToken);
        var tip = await volume.ReadTipAsync(branch, cancellationToken);
        var origin = tip is null ? null : tree.Base;
        if (origin != tip && !context.IsQuiet)
            context.Messages.Say($"{BranchTree.MountNameOf(volume, branch)} was moved to {tip!.Value.ToShortString()} elsewhere; what this machine's tree comes from is {origin?.ToShortString() ?? "unknown"}");
        var committed = (origin ?? tip) is { } commit
            ? (await volume.Commits.ReadAsync(commit, cancellationToken)).Root
            : new Dirent { Kind = DirentKind.Directory };
        await foreach (var change in new TreeDiff(new DirectoryReader(volumes.Store, new DirectoryNodeCache())).CompareAsync(committed, now, cancellationToken))
        {
            if (context.Get(_json))
                TreeChangeText.PrintJson(context.Output, change);
            else
                TreeChangeText.Print(context.Output, change);
        }

        return ExitCode.Ok;
    }

    static byte[] Read(string place, byte[] path)
    {
        var text = new byte[64 << 10];
        var error = Xattrs.TryGet(path, LiveFuseHost.StatusAttribute, text, out var length);
        return error == Errno.OK ? text[..length] : throw new UserErrorException($"{place}: {LiveMountText.Explain(error)}");
    }

    static void Print(ResultWriter output, byte[] text)
    {
        using var status = JsonDocument.Parse(text);
        var root = status.RootElement;
        Line(output, "server", $"process {root.GetProperty("process").GetInt32()}");
        Line(output, "requests come by", root.GetProperty("transport").GetString() == "io_uring" ? "io_uring" : "/dev/fuse");
        Line(output, "waits to be stored", HumanText.Size(root.GetProperty("unstored_bytes").GetInt64()));
        Line(output, "local, never stored", $"{HumanText.Count(root.GetProperty("local_inodes").GetInt64(), "inode")}, {HumanText.Size(root.GetProperty("local_bytes").GetInt64())}");
        Line(output, "log on disk", HumanText.Size(root.GetProperty("log_file_bytes").GetInt64()));
        Line(output, "not yet synced", $"{HumanText.Count(root.GetProperty("unsynced_records").GetInt64(), "change")}");
        Line(output, "inodes in memory", HumanText.Count(root.GetProperty("inodes_in_memory").GetInt64()));
        var memory = root.GetProperty("memory");
        Line(output, "memory", $"{HumanText.Size(memory.GetProperty("resident_bytes").GetInt64())} resident, {HumanText.Size(memory.GetProperty("heap_bytes").GetInt64())} of them objects");
        Line(output, "checkpoints", $"{root.GetProperty("checkpoints").GetInt64()}, the last one in {root.GetProperty("last_checkpoint_ms").GetDouble().ToString("0.0", CultureInfo.InvariantCulture)} ms");
        Line(output, "stored while written", HumanText.Size(root.GetProperty("stored_early_bytes").GetInt64()));
        if (root.GetProperty("flat_copies").GetInt32() is > 0 and var copies)
        {
            var (bytes, reads, passed) = (root.GetProperty("flat_bytes").GetInt64(), root.GetProperty("flat_reads").GetInt64(), root.GetProperty("passthrough_files").GetInt32());
            Line(output, "flat copies", $"{HumanText.Count(copies)}, {HumanText.Size(bytes)}; {HumanText.Count(reads, "read")}; the kernel reads {HumanText.Count(passed, "file")} by itself now");
        }

        Line(output, "replayed at the mount", $"{HumanText.Count(root.GetProperty("replayed_records").GetInt64(), "change")}");
        if (root.GetProperty("storing_fails").GetBoolean())
            Line(output, "storing", "FAILS: what has changed is kept in the log; the server's log says why");
        foreach (var cache in root.GetProperty("caches").EnumerateArray())
            Line(output, $"cache: {cache.GetProperty("cache").GetString()}", Describe(cache));
        if (root.TryGetProperty("lag", out var lag))
        {
            Line(output, "waits to be sent", $"{HumanText.Size(lag.GetProperty("bytes").GetInt64())}, {HumanText.Count(lag.GetProperty("moves").GetInt64())} movements of references");
            if (lag.GetProperty("conflicts").GetInt32() is > 0 and var conflicts)
                Line(output, "conflicts", $"{conflicts} references were moved elsewhere too; ours are kept below conflict/");
            if (lag.TryGetProperty("error", out var error))
                Line(output, "sending", $"FAILS: {error.GetString()}");
        }

        output.WriteLine();
        output.WriteLine($"{"operation",-18}{"count",12}{"mean",10}{"median",10}{"99 %",10}{"longest",12}");
        foreach (var operation in root.GetProperty("operations").EnumerateArray())
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{operation.GetProperty("operation").GetString(),-18}{operation.GetProperty("count").GetInt64(),12}{operation.GetProperty("mean_us").GetDouble(),10:0.0}{operation.GetProperty("median_us").GetDouble(),10:0.0}{operation.GetProperty("p99_us").GetDouble(),10:0.0}{operation.GetProperty("longest_us").GetDouble(),12:0.0}"));
        }
    }

    static string Describe(JsonElement cache)
    {
        var (hits, misses) = (cache.GetProperty("hits").GetInt64(), cache.GetProperty("misses").GetInt64());
        var rate = hits + misses == 0 ? "not asked yet" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * hits / (hits + misses):0.0} % of {hits + misses} found");
        return $"{HumanText.Size(cache.GetProperty("bytes").GetInt64())}, {rate}";
    }

    static void Line(ResultWriter output, string name, string value) => output.WriteLine($"{name,-28}{value}");
}
