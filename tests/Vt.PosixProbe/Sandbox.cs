using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Vt.Posix;
using static Vt.PosixProbe.Native;
using static Vt.PosixProbe.Numbers;

namespace Vt.PosixProbe;

/// <summary>
/// One probe's folder, which is the current one, and its calls, each of which adds a line with what came of it to the probe's record. Nothing that
/// may differ between two good filesystems is in a line: no numbers of inodes, devices or descriptors, no times, and of a directory no size.
/// </summary>
sealed unsafe partial class Sandbox
{
    public const uint Alice = 1001;
    public const uint Bob = 1002;

    readonly StringBuilder _record = new();
    readonly Dictionary<string, (long Accessed, long Modified, long Changed)> _marks = [];
    string _as = "";

    /// <summary>What has come of the calls so far, a line each.</summary>
    public string Record => _record.ToString();

    /// <summary>Adds a line.</summary>
    public void Log(string line) => _record.Append(CultureInfo.InvariantCulture, $"  {_as}{Shorter(line)}\n");

    static string Shorter(string line)
    {
        const int longest = 220;
        return line.Length <= longest ? line : string.Create(CultureInfo.InvariantCulture, $"{line.AsSpan(0, 80)}...{line.Length}...{line.AsSpan(line.Length - 100)}");
    }

    static string Error => ((Errno)Marshal.GetLastPInvokeError()).ToString();

    static string Done(long result) => result < 0 ? Error : "OK";

    static string Count(long result) => result < 0 ? Error : result.ToString(CultureInfo.InvariantCulture);

    static string Octal(uint mode) => Convert.ToString(mode, 8);

    /// <summary>
    /// Does something as another user, in a thread whose rights end with it. Its mask of permissions and its current folder are its own.
    /// </summary>
    public void As(uint user, Action body, params uint[] groups) => Alone(user == Alice ? "alice: " : user == Bob ? "bob: " : $"{user}: ", CLONE_FS, () =>
    {
        fixed (uint* list = groups)
            Must(syscall(SYS_setgroups, groups.Length, (nint)list, 0));
        Must(syscall(SYS_setresgid, (nint)user, (nint)user, (nint)user));
        Must(syscall(SYS_setresuid, (nint)user, (nint)user, (nint)user));
        body();
    });

    /// <summary>Does something as another process would, whose descriptors are copies: record locks are its own.</summary>
    public void AsOtherProcess(Action body) => Alone("other: ", CLONE_FILES, body);

    void Alone(string name, int apart, Action body)
    {
        Exception? failure = null;
        var before = _as;
        _as = name;
        var thread = new Thread(() =>
        {
            try
            {
                Must(unshare(apart));
                body();

                // The thread may end later than we go on.
                if (apart == CLONE_FILES)
                    Must(close_range(3, uint.MaxValue, 0));
            }
#pragma warning disable CA1031 // The thread's boundary: what failed is thrown where the probe goes on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        _as = before;
        if (failure is not null)
            throw new InvalidOperationException("a call of another user", failure);
    }

    static void Must(nint result)
    {
        if (result < 0)
            throw new InvalidOperationException($"what a probe needs can't be had: {Error}");
    }

    /// <summary>Waits until the clock by which the kernel stamps files has moved on.</summary>
    public static void Tick()
    {
        const int coarse = 5; // CLOCK_REALTIME_COARSE
        var time = stackalloc long[2];
        Must(clock_gettime(coarse, time));
        var (seconds, nanoseconds) = (time[0], time[1]);
        var spin = default(SpinWait);
        do
        {
            spin.SpinOnce();
            Must(clock_gettime(coarse, time));
        }
        while (time[0] == seconds && time[1] == nanoseconds);
    }

    /// <summary>Sets times that can be told from now, and remembers them for <see cref="Times"/>. As root.</summary>
    public void Mark(params string[] paths)
    {
        var times = stackalloc long[4] { 1_000_000_000, 1, 1_000_000_000, 2 };
        foreach (var path in paths)
            Must(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW));
        Tick();
        var status = stackalloc byte[256];
        foreach (var path in paths)
        {
            Must(statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, 0x7ff, status));
            _marks[path] = TimesOf(status);
        }
    }

    /// <summary>Tells which of the times that were marked have moved. Whether reading moves any is a matter of the mount's options.</summary>
    public void Times(string path, bool withAccess = false)
    {
        var status = stackalloc byte[256];
        if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, 0x7ff, status) != 0)
        {
            Log($"times({path}) = {Error}");
            return;
        }

        var (before, now) = (_marks.GetValueOrDefault(path), TimesOf(status));
        var accessed = withAccess ? $" access {Moved(before.Accessed, now.Accessed)}" : "";
        Log($"times({path}) ={accessed} modification {Moved(before.Modified, now.Modified)} change {Moved(before.Changed, now.Changed)}");

        static string Moved(long before, long now) => before == now ? "kept" : "moved";
    }

    static (long Accessed, long Modified, long Changed) TimesOf(byte* status)
    {
        const int accessed = 0x40, changed = 0x60, modified = 0x70; // of struct statx
        return (At(accessed), At(modified), At(changed));

        long At(int offset) => (*(long*)(status + offset) * 1_000_000_000) + *(uint*)(status + offset + 8);
    }

    /// <summary>Makes a file with content; no probe itself.</summary>
    public void File(string path, string content = "", uint mode = 0x1a4, uint uid = 0, uint gid = 0)
    {
        System.IO.File.WriteAllText(path, content);
        Own(path, mode, uid, gid);
        Log($"there is a file {path} {Octal(mode)} {uid}:{gid}");
    }

    /// <summary>Makes a folder; no probe itself.</summary>
    public void Folder(string path, uint mode = 0x1ed, uint uid = 0, uint gid = 0)
    {
        Directory.CreateDirectory(path);
        Own(path, mode, uid, gid);
        Log($"there is a folder {path} {Octal(mode)} {uid}:{gid}");
    }

    static void Own(string path, uint mode, uint uid, uint gid)
    {
        Must(fchownat(AT_FDCWD, path, uid, gid, 0));
        Must(fchmodat(AT_FDCWD, path, mode, 0));
    }

    /// <summary>Tells what stat(2) tells; with AT_SYMLINK_NOFOLLOW unless it is said otherwise.</summary>
    public void Stat(string path, bool follow = false, bool withBlocks = false)
    {
        var status = stackalloc byte[256];
        var result = statx(AT_FDCWD, path, follow ? 0 : AT_SYMLINK_NOFOLLOW, 0x7ff, status);
        Log($"stat({path}) = {(result < 0 ? Error : Describe(status, withBlocks))}");
    }

    /// <summary>Tells what fstat(2) tells.</summary>
    public void Fstat(int file, bool withBlocks = false)
    {
        var status = stackalloc byte[256];
        var result = statx(file, "", AT_EMPTY_PATH, 0x7ff, status);
        Log($"fstat = {(result < 0 ? Error : Describe(status, withBlocks))}");
    }

    static string Describe(byte* status, bool withBlocks)
    {
        var links = *(uint*)(status + 0x10);
        var (uid, gid, mode) = (*(uint*)(status + 0x14), *(uint*)(status + 0x18), *(ushort*)(status + 0x1c));
        var size = *(long*)(status + 0x28);
        var blocks = *(long*)(status + 0x30);
        var (major, minor) = (*(uint*)(status + 0x80), *(uint*)(status + 0x84));
        var kind = mode & 0xf000u;
        var about = kind == S_IFDIR ? "" : $" size {size}";
        var device = kind is S_IFCHR or S_IFBLK ? $" device {major}:{minor}" : "";
        return $"{Octal(mode)} {uid}:{gid} links {links}{about}{device}{(withBlocks ? $" blocks {blocks}" : "")}";
    }

    /// <summary>The inode number, to compare.</summary>
    public static ulong InodeOf(string path)
    {
        var status = stackalloc byte[256];
        return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, 0x7ff, status) < 0 ? 0 : *(ulong*)(status + 0x20);
    }
}
