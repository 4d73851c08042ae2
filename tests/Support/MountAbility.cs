using Vt.Posix;
using Vt.Posix.Mounts;

namespace Vt.Tests.Support;

/// <summary>Whether tests can mount here.</summary>
static class MountAbility
{
    const string Device = "/dev/fuse";

    /// <summary>What keeps this process from mounting; null if nothing does.</summary>
    public static string? WhyNot()
    {
        var error = PosixFile.TryOpen(Device, OpenFlags.O_RDWR, 0, out var device);
        device.Dispose();
        if (error != Errno.OK)
            return $"{Device} can't be opened: {PosixException.TextOf(error)}";
        return ProcessIds.User == 0 || HasProgram("fusermount3") ? null : "neither root nor fusermount3 is here";
    }

    /// <summary>What keeps an ordinary user from mounting; null if nothing does.</summary>
    public static string? WhyNotAsUser()
    {
        if (!HasProgram("fusermount3"))
            return "fusermount3 isn't installed";
        if (ProcessIds.User != 0)
            return WhyNot();
        if (!HasProgram("setpriv"))
            return "setpriv isn't installed, so root can't act as another user";
        if (PosixFile.TryStat(Device, out var status) != Errno.OK)
            return $"there is no {Device}";
        var mode = Convert.ToString(status.Permissions, 8);
        return (status.Permissions & 6) == 6 ? null : $"{Device} is closed to ordinary users (mode {mode})";
    }

    /// <summary>Whether a program is on the path.</summary>
    public static bool HasProgram(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name)));
}
