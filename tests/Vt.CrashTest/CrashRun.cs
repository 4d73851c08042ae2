using System.Diagnostics;

namespace Vt.CrashTest;

/// <summary>Rounds of writing, killing, mounting again and checking.</summary>
sealed class CrashRun
{
    // The ext4 of a power cut goes down without what its journal has not committed: EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_NOLOGFLUSH.
    const string Shutdown = "open(my $f, '<', $ARGV[0]) or die $!; my $how = pack('L', 2); ioctl($f, 0x8004587D, $how) or die $!";
    const int VerifyEvery = 10;

    readonly CrashOptions _options;
    readonly TextWriter _output;
    readonly Random _random;
    readonly Playground _ground;
    List<Writer> _writers = [];
    Server? _server;
    long _steps;
    long _lost;
    volatile bool _isOver;

    public CrashRun(CrashOptions options, TextWriter output)
    {
        _options = options;
        _output = output;
        _random = new Random(options.Seed);

        // Not below the folder: that one is unmounted in a power cut.
        var mountPoint = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(options.Folder))!, "live");
        _ground = new Playground(options.Program, options.Folder, mountPoint)
        {
            MountOptions = options.HasLocal ? "commit=0.2,include=/w0/d1/f[12],exclude=f[1357],exclude=d3/" : "commit=0.2",
        };
    }

    public void Run()
    {
        try
        {
            if (_options.Kills > 0)
                Repeat(_options.Kills, "kills at random moments", () => _server!.Kill(), verifies: true);
            if (_options.PowerCuts > 0)
                Repeat(_options.PowerCuts, "power cuts at random moments", CutPower, verifies: false);
            if (_options.BoundaryStep > 0)
                RunBoundaries();
        }
        finally
        {
            _server?.Dispose();
        }
    }

    // Each round goes on where the one before left off. What a power cut has torn in the store its next writer mends, so that one is verified only
    // after an orderly end.
    void Repeat(int count, string what, Action strike, bool verifies)
    {
        (_steps, _lost) = (0, 0);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < count; i++)
        {
            if (i % _options.KillsOfOneArchive == 0)
                Begin();
            Write(_random.Next(50, _options.Milliseconds), strike);
            if (verifies && i % VerifyEvery == VerifyEvery - 1)
                _ground.Verify();
            Mount();
            Check();
            if (i % _options.KillsOfOneArchive == _options.KillsOfOneArchive - 1 || i == count - 1)
                End();
            if (i % 50 == 49)
                _output.WriteLine($"{i + 1} of {count} {what}");
        }

        _output.WriteLine(
            $"{count} {what}: {_steps} steps kept, {_lost} that nobody had made durable lost, nothing that was acknowledged; in {clock.Elapsed.TotalSeconds:f0} s");
    }

    void Begin()
    {
        _server?.Dispose();
        _ground.Begin();
        _writers = [.. Enumerable.Range(0, _options.Writers).Select(i => new Writer(_ground.MountPoint, i, new Random(_random.Next()), isLarge: i == 0))];
        Mount();
        foreach (var writer in _writers)
            writer.Begin();
    }

    void Mount()
    {
        _server = Server.Start(_ground);
        if (_server.HasEnded)
            throw new CrashFailure($"it can't be mounted again: {_server.Said}");
    }

    void Check()
    {
        foreach (var writer in _writers)
            _lost += writer.Check();
    }

    // The last of an archive: an orderly end, after which all of it is in the archive and nothing in the state folder.
    void End()
    {
        Write(_random.Next(50, _options.Milliseconds), static () => { });
        if (_server!.Stop() is var code and not 0)
            throw new CrashFailure($"the server ended with {code}: {_server.Said}");
        var left = Directory.GetFiles(_ground.StateFolder).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal);
        if (_options.HasLocal)
            left = left.Where(static name => !name.StartsWith("kept-", StringComparison.Ordinal) && !name.StartsWith("local-", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        if (!left.SequenceEqual(["lock", "state"]))
            throw new CrashFailure($"after an orderly end there is {string.Join(' ', left)}");
        foreach (var writer in _writers)
            writer.Acknowledge(writer.Done);
        Mount();
        Check();
        _steps += _writers.Sum(static writer => (long)writer.Total);
        _server!.Stop();
        _ground.Verify();
    }

    // All write, until somebody strikes and they can't any more.
    void Write(int milliseconds, Action strike)
    {
        _isOver = false;
        Exception? failure = null;
        var threads = _writers.ConvertAll(writer => new Thread(() =>
        {
            try
            {
                while (!_isOver)
                    writer.Step(_writers);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                if (!_isOver)
                    Interlocked.CompareExchange(ref failure, fault, null);
            }
        }));
        threads.ForEach(static thread => thread.Start());
        using (var moment = new ManualResetEventSlim())
            moment.Wait(milliseconds);
        _isOver = true;
        strike();
        threads.ForEach(static thread => thread.Join());
        if (failure is not null)
            throw new CrashFailure($"a writer was refused: {failure.Message}; the server says: {_server!.Said}");
    }

    void CutPower()
    {
        Call("perl", "-e", Shutdown, _options.Folder);
        _server!.Kill();
        Call("umount", _options.Folder);
        Call("mount", _options.Device, _options.Folder);
    }

    // One writer's steps, the same every time, with a kill at one boundary after another until all are through.
    void RunBoundaries()
    {
        var killed = 0;
        for (var at = _options.FirstBoundary; ; at += _options.BoundaryStep)
        {
            bool hasEnded;
            try
            {
                hasEnded = IsThroughBefore(at);
            }
            catch (CrashFailure failure)
            {
                throw new CrashFailure($"killed at the {at}. write boundary: {failure.Message}");
            }

            if (hasEnded)
                break;
            killed++;
            if (killed % 100 == 0)
                _output.WriteLine($"{killed} kills at write boundaries, the last one at the {at}.");
        }

        _output.WriteLine($"{killed} kills at write boundaries, every {_options.BoundaryStep}. of them: nothing that was acknowledged was lost");
    }

    // Whether the server came to an orderly end before that boundary; else it was killed there. Checks what is there then.
    bool IsThroughBefore(int boundary)
    {
        _ground.Begin();
        var writer = new Writer(_ground.MountPoint, 0, new Random(_options.Seed), isLarge: false);
        var large = new Writer(_ground.MountPoint, 1, new Random(_options.Seed), isLarge: true);
        _writers = [writer, large];
        var hasEnded = TryRunTo(boundary);
        _server!.Dispose();
        Mount();
        foreach (var checkedWriter in _writers.Where(static writer => writer.HasBegun))
            _lost += checkedWriter.Check();
        _server!.Stop();
        _ground.Verify();
        return hasEnded;
    }

    bool TryRunTo(int boundary)
    {
        _server = Server.Start(_ground, $"kill:{boundary}");
        try
        {
            if (_server.HasEnded)
                return false;
            foreach (var writer in _writers)
                writer.Begin();
            for (var i = 0; i < _options.BoundarySteps; i++)
            {
                _writers[0].Step(_writers);
                _writers[1].Step(_writers);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        return _server.Stop() == 0;
    }

    static void Call(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new CrashFailure($"{program} ended with {process.ExitCode}: {errors}");
    }
}
