using System.Runtime.InteropServices;
using static Vt.PosixProbe.Native;
using static Vt.PosixProbe.Numbers;

namespace Vt.PosixProbe;

/// <summary>
/// Does what a table of probes says in a folder, and prints what has come of each: the system tests run it in a mount and in a folder of the machine's
/// own, and compare. <c>vt-posixprobe FOLDER [PART-OF-A-NAME]</c>; as root.
/// </summary>
static class Program
{
    static int Main(string[] arguments)
    {
        if (arguments.Length is 0 or > 2)
        {
            Console.Error.WriteLine("usage: vt-posixprobe FOLDER [PART-OF-A-NAME]");
            return 2;
        }

        var top = Path.GetFullPath(arguments[0]);
        var wanted = arguments.Length > 1 ? arguments[1] : "";
        (string Name, Action<Sandbox> Probe)[] table =
        [
            .. OpeningProbes.All, .. NameProbes.All, .. RenameProbes.All, .. ContentProbes.All, .. StatusProbes.All, .. XattrProbes.All,
            .. AclProbes.All, .. LockProbes.All, .. MappingProbes.All, .. DirectoryProbes.All,
        ];
        var number = 0;
        foreach (var (name, probe) in table)
        {
            if (!name.Contains(wanted, StringComparison.Ordinal))
                continue;
            var folder = Path.Combine(top, $"{++number}");
            Directory.CreateDirectory(folder);
            if (fchmodat(AT_FDCWD, folder, 0x1ff, 0) != 0 || chdir(folder) != 0)
                throw new IOException($"{folder}: errno {Marshal.GetLastPInvokeError()}");
            _ = umask(0x12);
            var sandbox = new Sandbox();
            probe(sandbox);
            Console.Out.Write($"== {name}\n{sandbox.Record}");
        }

        _ = chdir("/");
        return 0;
    }
}
