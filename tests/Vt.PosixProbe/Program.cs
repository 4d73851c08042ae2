using System.Runtime.InteropServices;
using static Vt.PosixProbe.Native;
using static Vt.PosixProbe.Numbers;

namespace Vt.PosixProbe;

/// <summary>
/// Does what a table of probes says in a folder, and prints what has come of each: the system tests run it in a mount and in a folder of the machine's
/// own, and compare. <c>vt-posixprobe FOLDER [PART-OF-A-NAME]</c>, as root; <c>vt-posixprobe --prepare FOLDER</c> and then, with the folder mounted for
/// reading only, <c>vt-posixprobe --read-only FOLDER</c>.
/// </summary>
static class Program
{
    static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["--prepare", var folder]:
                Enter(folder);
                ReadOnlyProbes.Prepare();
                return 0;
            case ["--read-only", var folder]:
                Enter(folder);
                foreach (var (name, probe) in ReadOnlyProbes.All)
                    Run(name, probe);
                return 0;
            case [var folder]:
                RunAll(Path.GetFullPath(folder), "");
                return 0;
            case [var folder, var part]:
                RunAll(Path.GetFullPath(folder), part);
                return 0;
            default:
                Console.Error.WriteLine("usage: vt-posixprobe FOLDER [PART-OF-A-NAME], vt-posixprobe --prepare FOLDER, vt-posixprobe --read-only FOLDER");
                return 2;
        }
    }

    static void RunAll(string top, string part)
    {
        (string Name, Action<Sandbox> Probe)[] table =
        [
            .. OpeningProbes.All, .. NameProbes.All, .. RenameProbes.All, .. ContentProbes.All, .. StatusProbes.All, .. XattrProbes.All,
            .. AclProbes.All, .. LockProbes.All, .. MappingProbes.All, .. DirectoryProbes.All,
        ];
        var number = 0;
        foreach (var (name, probe) in table)
        {
            if (!name.Contains(part, StringComparison.Ordinal))
                continue;
            var folder = Path.Combine(top, $"{++number}");
            Directory.CreateDirectory(folder);
            if (fchmodat(AT_FDCWD, folder, 0x1ff, 0) != 0)
                throw new IOException($"{folder}: errno {Marshal.GetLastPInvokeError()}");
            Enter(folder);
            _ = umask(0x12);
            Run(name, probe);
        }

        Enter("/");
    }

    static void Run(string name, Action<Sandbox> probe)
    {
        var sandbox = new Sandbox();
        probe(sandbox);
        Console.Out.Write($"== {name}\n{sandbox.Record}");
    }

    static void Enter(string folder)
    {
        if (chdir(folder) != 0)
            throw new IOException($"{folder}: errno {Marshal.GetLastPInvokeError()}");
    }
}
