using System.Diagnostics;
using System.Globalization;
using Vt.Posix;
using Vt.Posix.Mounts;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Docker;

/// <summary>
/// A Docker Engine of the tests' own: socket, data and image are in a temporary folder, there is no network but the machine's and none, and no rule of a firewall is touched.
/// Started at the first use; disposal leaves no process and no mount.
/// </summary>
public sealed class DockerEngine : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Tests of other working copies use the same names of drivers.
    const string LockPath = "/run/lock/vt-docker-test";

    readonly TempFolder _folder = new();
    readonly FileDescriptor? _lock;
    readonly Process? _process;

    public DockerEngine()
    {
        if (DockerFactAttribute.WhyNot() is not null)
            return;
        _lock = PosixFile.Open(LockPath, OpenFlags.O_RDWR | OpenFlags.O_CREAT, 0x180);
        Locks.Flock(_lock, LockKind.Exclusive, wait: true);
        File.WriteAllText(_folder["daemon.json"], "{}");
        var start = new ProcessStartInfo("/usr/sbin/dockerd")
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var argument in (string[])[
            $"--config-file={_folder["daemon.json"]}", $"--data-root={_folder["data"]}", $"--exec-root={_folder["exec"]}", $"--pidfile={_folder["pid"]}", $"--host=unix://{Socket}",
            "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--bridge=none", "--storage-driver=overlay2"])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Log(line.Data);
        _process.OutputDataReceived += (_, line) => Log(line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        try
        {
            Await(() => Run("docker info").ExitCode == 0, "the engine answers");
            MakeImages();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where it is asked.</summary>
    public string Socket => _folder["docker.sock"];

    /// <summary>
    /// What the plugins of all tests are called, one after another: an engine asks every driver that it ever knew about a name that it does not know, and each that is gone for 15 seconds.
    /// </summary>
    public string Driver { get; } = $"vt-{Guid.NewGuid():N}"[..12];

    /// <summary>What the engine has said, for the report of a test that fails.</summary>
    public string LogText
    {
        get
        {
            lock (_log)
                return string.Join('\n', _log);
        }
    }

    readonly List<string?> _log = []; // guarded by itself

    /// <summary>Runs a line of shell in which docker asks this engine.</summary>
    public (int ExitCode, string Output) Run(string line) => Shell.Run($"export DOCKER_HOST=unix://{Socket}; docker() {{ if [ $1 = run ]; then shift; set -- run --network none \"$@\"; fi; timeout -s KILL 115 /usr/bin/docker \"$@\"; }}; {line}");

    /// <summary>Runs it, and requires success.</summary>
    public string Succeed(string line)
    {
        var (code, output) = Run(line);
        Assert.True(code == 0, $"{line}: exit code {code}: {output}");
        return output;
    }

    /// <summary>Waits for something that a process is about to do.</summary>
    public static void Await(Func<bool> condition, string what)
    {
        var clock = Stopwatch.StartNew();
        using var pause = new ManualResetEventSlim();
        while (!condition())
        {
            Assert.True(clock.Elapsed < Patience, $"it has not come to this: {what}");
            pause.Wait(TimeSpan.FromMilliseconds(100));
        }
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            Run("ids=$(docker ps -aq); [ -z \"$ids\" ] || docker rm -f $ids");
            Shell.Run($"kill {_process.Id.ToString(CultureInfo.InvariantCulture)}");
            if (!_process.WaitForExit(Patience))
                _process.Kill(entireProcessTree: true);
            _process.Dispose();
        }

        UnmountBelow(_folder.Path);
        _folder.Dispose();
        _lock?.Dispose();
    }

    /// <summary>Unmounts whatever is mounted below a folder, the deepest first.</summary>
    public static void UnmountBelow(string folder)
    {
        foreach (var entry in MountTable.Read().Where(entry => entry.MountPoint.StartsWith(folder + "/", StringComparison.Ordinal)).Reverse())
            _ = MountCalls.TryUnmount(entry.MountPoint, UnmountFlags.MNT_DETACH);
    }

    void Log(string? line)
    {
        lock (_log)
            _log.Add(line);
    }

    // busybox alone; and one whose programs are this machine's, for its PostgreSQL.
    void MakeImages()
    {
        Succeed($$"""
            set -e
            r={{_folder["image"]}}
            mkdir -p $r/bin $r/etc $r/data; mkdir -m 1777 $r/tmp; chmod 755 $r
            cp /bin/busybox $r/bin/
            for a in $(/bin/busybox --list); do [ $a = busybox ] || ln -s busybox $r/bin/$a; done
            echo root:x:0:0:root:/:/bin/sh >$r/etc/passwd
            tar -C $r -c . | docker import --change 'ENV PATH=/bin' --change 'CMD ["/bin/sh"]' - busybox:latest
            mkdir -p $r/full; chown 999:999 $r/full; chmod 750 $r/full; echo from the image >$r/full/file; chown 999:999 $r/full/file
            tar -C $r -c . | docker import --change 'ENV PATH=/bin' --change 'VOLUME /full' - full:latest
            m={{_folder["machine"]}}
            mkdir -p $m/usr $m/etc $m/data $m/proc $m/sys $m/dev; mkdir -m 1777 $m/tmp; chmod 755 $m
            for l in bin sbin lib lib64; do ln -s usr/$l $m/$l; done
            cp /etc/passwd /etc/group $m/etc/
            tar -C $m -c . | docker import --change 'ENV PATH=/usr/bin' - machine:latest
            rm -rf $r $m
            """);
    }
}
