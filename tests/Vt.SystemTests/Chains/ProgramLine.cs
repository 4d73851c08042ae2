namespace Vt.SystemTests.Chains;

/// <summary>
/// A line that is a program's standard input and output, wherever that runs: what goes over it passes through a script, the server's parent, which counts it and kills the server.
/// </summary>
sealed class ProgramLine : BreakableLine
{
    /// <summary>What is said at the far end where there is no server any more.</summary>
    public const string WhyGone = "this machine has no vt any more";

    // Each start takes the first plan that is left: "SIDE BYTES AFTERWARDS". A server that was not killed has left no note.
    const string Script = $$"""
        import glob, os, subprocess, sys

        def gone():
            return os.path.exists(folder + "/gone")

        folder, command = sys.argv[1], sys.argv[2:]
        if gone():
            sys.exit("{{WhyGone}}")
        plan = None
        for name in sorted(glob.glob(folder + "/plan.*")):
            mine = folder + "/taken." + str(os.getpid())
            try:
                os.rename(name, mine)
            except FileNotFoundError:
                continue
            with open(mine) as text:
                plan = text.read().split()
            break
        if plan is None:
            os.execvp(command[0], command)
        side, left, afterwards = plan[0], int(plan[1]), plan[2]
        pipe = subprocess.PIPE
        server = subprocess.Popen(command, stdin=pipe if side == "in" else None, stdout=pipe if side == "out" else None)
        source, target = (0, server.stdin.fileno()) if side == "in" else (server.stdout.fileno(), 1)
        while left > 0:
            piece = os.read(source, min(left, 65536))
            if not piece:
                os.close(target)
                sys.exit(server.wait())
            left -= len(piece)
            while piece:
                piece = piece[os.write(target, piece):]
        server.kill()
        if server.wait() == -9:
            with open(folder + "/broken", "a") as notes:
                notes.write(plan[1] + "\n")
        if afterwards == "gone":
            open(folder + "/gone", "w").close()
        """;

    readonly string _folder;
    readonly string _settings;
    int _plans;

    /// <param name="folder">An empty folder of its own.</param>
    /// <param name="server">What the script starts: a line of shell, or the beginning of one that a client completes.</param>
    /// <param name="settings">The store at the near end, by the line that is run at the far one.</param>
    public ProgramLine(string folder, string server, Func<string, string> settings)
    {
        _folder = folder;
        File.WriteAllText(Path.Combine(folder, "line.py"), Script);
        _settings = settings($"python3 '{folder}/line.py' '{folder}' {server}");
    }

    /// <inheritdoc/>
    public override string Settings => _settings;

    /// <inheritdoc/>
    public override int Breaks => File.Exists(Path.Combine(_folder, "broken")) ? File.ReadAllLines(Path.Combine(_folder, "broken")).Length : 0;

    /// <inheritdoc/>
    public override void BreakAt(bool isInAnswers, bool isForGood, params long[] places)
    {
        foreach (var place in places)
            File.WriteAllText(Path.Combine(_folder, $"plan.{_plans++:d3}"), $"{(isInAnswers ? "out" : "in")} {place} {(isForGood ? "gone" : "there")}");
    }

    /// <inheritdoc/>
    public override void Mend() => File.Delete(Path.Combine(_folder, "gone"));

    /// <inheritdoc/>
    public override void Dispose()
    {
        // What it started has ended with its clients.
    }
}
