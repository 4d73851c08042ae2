using System.Text;
using Vt.Posix;

namespace Vt.SystemTests.Live;

/// <summary>One of the two folders on which the same is done, with what is open in it. Each operation answers with what a caller sees of it.</summary>
sealed class Side : IDisposable
{
    public const int Handles = 6;

    public const uint Whiteout = 4; // RENAME_WHITEOUT

    const OpenFlags Never = OpenFlags.O_NONBLOCK | OpenFlags.O_NOCTTY;

    readonly FileDescriptor?[] _open = new FileDescriptor?[Handles];
    FileDescriptor? _root;

    public Side(string path) => Path = path;

    public string Path { get; }

    FileDescriptor Root => _root ??= PosixFile.Open(Path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);

    public string Open(int handle, string path, OpenFlags flags, uint mode)
    {
        Close(handle);
        var error = PosixFile.TryOpenAt(Root, Bytes(path), flags | Never, mode, out var file);
        _open[handle] = error == Errno.OK ? file : null;
        return error.ToString();
    }

    public string Close(int handle)
    {
        _open[handle]?.Dispose();
        _open[handle] = null;
        return "";
    }

    public string Write(int handle, byte[] bytes, long offset) => With(handle, file => $"{PosixFile.TryPwrite(file, bytes, offset, out var count)} {count}");

    public string Read(int handle, int length, long offset)
    {
        var bytes = new byte[length];
        return With(handle, file => $"{PosixFile.TryPread(file, bytes, offset, out var count)} {count} {Sum(bytes.AsSpan(0, Math.Max(0, count)))}");
    }

    public string Truncate(int handle, long length) => With(handle, file => Try(() => PosixFile.Ftruncate(file, length)));

    public string Fallocate(int handle, int mode, long offset, long length) => With(handle, file => PosixFile.TryFallocate(file, mode, offset, length).ToString());

    public string Copy(int from, long offset, int to, long targetOffset, long length) =>
        With(from, source => With(to, target => Try(() => $"{PosixFile.CopyFileRange(source, offset, target, targetOffset, length)}")));

    public string Status(int handle) => With(handle, file => $"{PosixFile.TryFstat(file, out var status)} {Describe(status)}");

    public string Chmod(int handle, uint mode) => With(handle, file => Ownership.TryChmod(file, mode).ToString());

    public string Sync(int handle) => With(handle, file => Try(() => PosixFile.Fsync(file)));

    // Elsewhere than in files what lseek says is any file system's own affair.
    public string SeekBehindEnd(int handle, int whence) =>
        With(handle, file => PosixFile.Fstat(file).IsRegular ? Try(() => $"{PosixFile.Lseek(file, PosixFile.Fstat(file).Size, whence)}") : "");

    public string LinkFile(int handle, string path) => With(handle, file => PosixFile.TryLinkFileAt(file, Root, Bytes(path)).ToString());

    public string Mkdir(string path, uint mode) => PosixFile.TryMkdirAt(Root, Bytes(path), mode).ToString();

    public string Rmdir(string path) => PosixFile.TryRmdirAt(Root, Bytes(path)).ToString();

    public string Unlink(string path) => PosixFile.TryUnlinkAt(Root, Bytes(path)).ToString();

    // ext4 changes times even where a whiteout fails because of a folder in the way.
    public string Rename(string path, string newPath, uint flags) =>
        flags == Whiteout && (IsDirectory(path) || IsDirectory(newPath)) ? "" : PosixFile.TryRenameAt(Root, Bytes(path), Root, Bytes(newPath), flags).ToString();

    bool IsDirectory(string path) => PosixFile.TryStatAt(Root, Bytes(path), follow: false, out var status) == Errno.OK && status.IsDirectory;

    public string Link(string path, string newPath) => PosixFile.TryLinkAt(Root, Bytes(path), Root, Bytes(newPath)).ToString();

    public string Symlink(string target, string path) => PosixFile.TrySymlinkAt(Bytes(target), Root, Bytes(path)).ToString();

    public string Readlink(string path) => $"{PosixFile.TryReadlinkAt(Root, Bytes(path), out var target)} {(target is null ? "" : Encoding.UTF8.GetString(target))}";

    public string Mknod(string path, uint mode, ulong device) => PosixFile.TryMknodAt(Root, Bytes(path), mode, device).ToString();

    public string ChmodPath(string path, uint mode) => Ownership.TryChmodAt(Root, Bytes(path), mode).ToString();

    public string Chown(string path, uint uid, uint gid) => Ownership.TryChownAt(Root, Bytes(path), uid, gid).ToString();

    public string SetTimes(string path, TimeSetting access, TimeSetting modification, bool isAccessSet)
    {
        var error = Times.TrySetAt(Root, Bytes(path), access, modification);
        if (error != Errno.OK || PosixFile.TryStatAt(Root, Bytes(path), follow: false, out var status) != Errno.OK)
            return error.ToString();
        return $"{error} {(isAccessSet ? status.AccessTime.TotalNanoseconds : 0)} {Describe(status)}";
    }

    public string SetXattr(string path, string name, byte[] value, int flags) => Xattrs.TryLSet(PathOf(path), Bytes(name), value, flags).ToString();

    public string GetXattr(string path, string name)
    {
        var value = new byte[1024];
        var error = Xattrs.TryLGet(PathOf(path), Bytes(name), value, out var length);
        return error == Errno.OK ? Convert.ToHexString(value.AsSpan(0, length)) : error.ToString();
    }

    public string RemoveXattr(string path, string name) => Xattrs.TryLRemove(PathOf(path), Bytes(name)).ToString();

    public string List(string path)
    {
        var error = PosixFile.TryOpenAt(Root, Bytes(path), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0, out var directory);
        if (error != Errno.OK)
            return error.ToString();
        using (directory)
            return string.Join(' ', Directories.SortedNames(directory).Select(Encoding.UTF8.GetString));
    }

    public string StatusOf(string path, bool follow) => PosixFile.TryStatAt(Root, Bytes(path), follow, out var status) is var error && error != Errno.OK ? error.ToString() : Describe(status);

    /// <summary>Makes everything durable.</summary>
    public void SyncAll() => PosixFile.Fsync(Root);

    /// <summary>Closes everything.</summary>
    public void CloseAll()
    {
        for (var i = 0; i < Handles; i++)
            Close(i);
        _root?.Dispose();
        _root = null;
    }

    public void Dispose() => CloseAll();

    /// <summary>Everything that can be seen, a line for each name: links of one file by the first name of it.</summary>
    public List<string> Describe()
    {
        var lines = new List<string>();
        Describe("", Root, [], lines);
        return lines;
    }

    void Describe(string path, FileDescriptor directory, Dictionary<ulong, string> seen, List<string> lines)
    {
        foreach (var name in Directories.SortedNames(directory))
        {
            var below = $"{path}{Encoding.UTF8.GetString(name)}";
            var error = PosixFile.TryStatAt(directory, name, follow: false, out var status);
            if (error != Errno.OK)
            {
                lines.Add($"{below}: {error}");
                continue;
            }

            var first = status.IsDirectory || status.Links == 1 ? below : seen.TryGetValue(status.Inode, out var known) ? known : seen[status.Inode] = below;
            lines.Add($"{below} {Describe(status)} = {first} {DescribeXattrs(below)}{Content(directory, name, status)}");
            if (status.IsDirectory && PosixFile.TryOpenAt(directory, name, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW, 0, out var inner) == Errno.OK)
            {
                using (inner)
                    Describe(below + "/", inner, seen, lines);
            }
        }
    }

    string DescribeXattrs(string path) =>
        string.Concat(Xattrs.LList(PathOf(path)).Select(Encoding.UTF8.GetString).Where(static name => !name.StartsWith("security.", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(name => $"{name}={GetXattr(path, name)} "));

    static string Content(FileDescriptor directory, byte[] name, in Statx status)
    {
        if (status.IsSymlink)
            return PosixFile.TryReadlinkAt(directory, name, out var target) == Errno.OK ? Encoding.UTF8.GetString(target) : "?";
        if (!status.IsRegular)
            return "";
        using var file = PosixFile.OpenAt(directory, name, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW);
        var bytes = new byte[status.Size];
        var count = PosixFile.PreadUpTo(file, bytes, 0);
        CheckHoles(file, bytes);
        return $"{count} {Sum(bytes)}";
    }

    // Where the holes are is the file system's own affair, but in none of them may be anything.
    static void CheckHoles(FileDescriptor file, byte[] bytes)
    {
        for (long at = 0; at < bytes.Length;)
        {
            var data = PosixFile.Lseek(file, at, PosixFile.SEEK_DATA);
            var end = data < 0 ? bytes.Length : data;
            Assert.True(bytes.AsSpan((int)at, (int)(end - at)).IndexOfAnyExcept((byte)0) < 0, $"there are bytes in the hole from {at} to {end}");
            if (data < 0)
                return;
            at = PosixFile.Lseek(file, data, PosixFile.SEEK_HOLE);
            Assert.True(at > data, $"the data at {data} ends at {at}");
        }
    }

    // Times that were set lie in the past; whatever else happened is recent, on both sides.
    static string Describe(in Statx status)
    {
        const long recent = 1_500_000_000_000_000_000;
        var modified = status.ModificationTime.TotalNanoseconds;
        var size = status.IsDirectory ? 0 : status.Size;
        return $"{Convert.ToString(status.Mode, 8)} {status.Uid}:{status.Gid} links {status.Links} size {size} device {status.Rdev:x} {(modified < recent ? modified : "now")}";
    }

    static string Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = new HashCode();
        sum.AddBytes(bytes);
        return $"{(uint)sum.ToHashCode():x8}";
    }

    static string Try(Action operation) => Try(() =>
    {
        operation();
        return "OK";
    });

    static string Try(Func<string> operation)
    {
        try
        {
            return operation();
        }
        catch (PosixException fault)
        {
            return fault.Error.ToString();
        }
    }

    string With(int handle, Func<FileDescriptor, string> operation) => _open[handle] is { } file ? operation(file) : "";

    byte[] PathOf(string path) => Bytes($"{Path}/{path}");

    static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
