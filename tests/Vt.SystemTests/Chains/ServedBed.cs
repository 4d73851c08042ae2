using Vt.SystemTests.Commands;
using Vt.SystemTests.Serving;
using Vt.Tests.Support;

namespace Vt.SystemTests.Chains;

/// <summary>Two homes, one of which serves its store to the other; and a folder to mount on. Gone in the end.</summary>
public abstract class ServedBed : IDisposable
{
    private protected ServedBed()
    {
        There = new VtCommand(Folder["there"]);
        Here = new VtCommand(Folder["here"]) { Environment = { ["VT_AUTHOR"] = "Ann <ann@example.org>" } };
        Point = Folder.Make("mnt");
    }

    private protected TempFolder Folder { get; } = new();

    /// <summary>Who has the store.</summary>
    private protected VtCommand There { get; }

    /// <summary>Who uses it.</summary>
    private protected VtCommand Here { get; }

    private protected string Point { get; }

    /// <summary>The server of <see cref="There"/>, once it was started.</summary>
    private protected ServerProcess? Server { get; private set; }

    /// <summary>The socket at which it serves.</summary>
    private protected string SocketPath => Folder["vt.sock"];

    public virtual void Dispose()
    {
        GC.SuppressFinalize(this);
        Server?.Dispose();
        Folder.Dispose();
    }

    /// <summary>Starts the server; one that runs is killed before, and has its addresses again.</summary>
    private protected void RestartServer()
    {
        var port = Server?.Port ?? 0;
        Server?.Dispose();
        Server = new ServerProcess(There, 2, SocketPath, $"tcp:127.0.0.1:{port}", "--secret-file", Folder["secret"]);
    }

    /// <summary>Where it is found by TCP.</summary>
    private protected string TcpSpec(string further = "") => $"tcp(host=127.0.0.1,port={Server!.Port},secret_file={Folder["secret"]}{further})";

    /// <summary>Makes a clause of the one who uses the store.</summary>
    /// <returns>Its name as a spec.</returns>
    private protected string Clause(string name, string settings)
    {
        File.AppendAllText(Folder["here/vtrc"], $"[{name}]\n{settings}\n");
        return $"[{name}]";
    }

    /// <summary>Mounts a volume or an archive for writing.</summary>
    private protected RealMount Mount(string special = "v") => RealMount.Start(
        "/usr/bin/env",
        [
            .. Here.Environment.Select(static variable => $"{variable.Key}={variable.Value}"), $"VT_CONFIG={Folder["here"]}/vtrc", $"HOME={Folder["here"]}",
            VtCommand.Executable, "-q", "mount", special, Point,
        ],
        Point);

    private protected void Unmount(RealMount mount)
    {
        Shell.Succeed($"umount '{Point}'");
        Assert.True(mount.AwaitExit() == 0, mount.Errors);
    }
}
