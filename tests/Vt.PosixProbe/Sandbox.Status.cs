using System.Text;
using static Vt.PosixProbe.Native;
using static Vt.PosixProbe.Numbers;

namespace Vt.PosixProbe;

/// <content>Calls on modes, owners, times, attributes and access lists.</content>
sealed unsafe partial class Sandbox
{
    public const uint Unchanged = uint.MaxValue;

    public const string AccessList = "system.posix_acl_access";
    public const string DefaultList = "system.posix_acl_default";

    public void Chmod(string path, uint mode, int flags = 0) => Log($"chmod({path}, {Octal(mode)}, {flags:x}) = {Done(fchmodat(AT_FDCWD, path, mode, flags))}");

    public void Fchmod(int file, uint mode) => Log($"fchmod({Octal(mode)}) = {Done(fchmod(file, mode))}");

    public void Chown(string path, uint uid, uint gid, int flags = 0) => Log($"chown({path}, {(int)uid}, {(int)gid}, {flags:x}) = {Done(fchownat(AT_FDCWD, path, uid, gid, flags))}");

    public void Fchown(int file, uint uid, uint gid) => Log($"fchown({(int)uid}, {(int)gid}) = {Done(fchown(file, uid, gid))}");

    public void Umask(uint mask) => Log($"umask({Octal(mask)}) = {Octal(umask(mask))}");

    /// <summary>Sets times: (seconds, nanoseconds) each; without any, both to now.</summary>
    public void Utimens(string path, (long Seconds, long Nanoseconds)? access = null, (long Seconds, long Nanoseconds)? modification = null, int flags = 0)
    {
        if (access is null && modification is null)
        {
            Log($"utimensat({path}) = {Done(utimensat(AT_FDCWD, path, null, flags))}");
            return;
        }

        var (a, m) = (access ?? default, modification ?? default);
        var times = stackalloc long[4] { a.Seconds, a.Nanoseconds, m.Seconds, m.Nanoseconds };
        Log($"utimensat({path}, {Text(a)}, {Text(m)}, {flags:x}) = {Done(utimensat(AT_FDCWD, path, times, flags))}");

        static string Text((long Seconds, long Nanoseconds) time) =>
            time.Nanoseconds switch { UTIME_NOW => "now", UTIME_OMIT => "omit", _ => $"{time.Seconds}.{time.Nanoseconds:d9}" };
    }

    public void Futimens(int file, long access, long modification)
    {
        var times = stackalloc long[4] { access, 0, modification, 0 };
        Log($"futimens({access}, {modification}) = {Done(futimens(file, times))}");
    }

    /// <summary>Tells times that were set to what lies in the past or in the future.</summary>
    public void Clock(string path)
    {
        var status = stackalloc byte[256];
        if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, 0x7ff, status) < 0)
        {
            Log($"clock({path}) = {Error}");
            return;
        }

        Log($"clock({path}) = access {Text(0x40)} modification {Text(0x70)}");

        string Text(int offset)
        {
            var (seconds, nanoseconds) = (*(long*)(status + offset), *(uint*)(status + offset + 8));
            return seconds is > 1_500_000_000 and < 3_000_000_000 ? "now" : $"{seconds}.{nanoseconds:d9}";
        }
    }

    public void SetXattr(string path, string name, byte[] value, int flags = 0)
    {
        fixed (byte* bytes = value)
            Log($"setxattr({path}, {name}, {value.Length} bytes, {flags}) = {Done(lsetxattr(path, name, bytes, (nuint)value.Length, flags))}");
    }

    public void SetXattr(string path, string name, string value, int flags = 0) => SetXattr(path, name, Encoding.UTF8.GetBytes(value), flags);

    public void GetXattr(string path, string name, int room = 70_000)
    {
        var value = new byte[Math.Max(1, room)];
        fixed (byte* bytes = value)
        {
            var length = lgetxattr(path, name, bytes, (nuint)room);
            Log($"getxattr({path}, {name}, {room}) = {(length < 0 ? Error : $"{length} {(room == 0 ? "" : Convert.ToHexString(value.AsSpan(0, (int)length)))}")}");
        }
    }

    public void RemoveXattr(string path, string name) => Log($"removexattr({path}, {name}) = {Done(lremovexattr(path, name))}");

    public void ListXattr(string path, int room = 70_000)
    {
        var names = new byte[Math.Max(1, room)];
        fixed (byte* bytes = names)
        {
            var length = llistxattr(path, bytes, (nuint)room);
            var list = length <= 0 || room == 0 ? [] : Encoding.UTF8.GetString(names, 0, (int)length - 1).Split('\0').Order(StringComparer.Ordinal).ToArray();
            Log($"listxattr({path}, {room}) = {(length < 0 ? Error : $"{length} {string.Join(' ', list)}")}");
        }
    }

    /// <summary>
    /// An access list as its attribute holds it (acl(5)), of entries like <c>u::7</c>, <c>u:1001:6</c>, <c>g::5</c>, <c>g:2001:4</c>, <c>m::7</c>, <c>o::0</c>.
    /// </summary>
    public static byte[] Acl(string entries)
    {
        var acl = new MemoryStream();
        var writer = new BinaryWriter(acl);
        writer.Write(2);
        foreach (var entry in entries.Split(' '))
        {
            var parts = entry.Split(':');
            var isNamed = parts[1].Length > 0;
            writer.Write((short)(parts[0] switch { "u" => isNamed ? 2 : 1, "g" => isNamed ? 8 : 4, "m" => 16, _ => 32 }));
            writer.Write(short.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture));
            writer.Write(isNamed ? uint.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) : uint.MaxValue);
        }

        return acl.ToArray();
    }
}
