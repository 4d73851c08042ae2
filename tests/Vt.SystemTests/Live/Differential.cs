using System.Buffers.Binary;
using System.Globalization;
using Vt.Posix;

namespace Vt.SystemTests.Live;

/// <summary>Does the same random operations on two folders and requires the same answers, and now and then the same trees.</summary>
sealed class Differential(Side expected, Side actual, int seed)
{
    const uint Whiteout = Side.Whiteout;
    const int ZeroRange = 16; // FALLOC_FL_ZERO_RANGE
    const int Remembered = 60;

    static readonly string[] Names = ["a", "b", "c", "d", "e"];
    static readonly string[] Attributes = ["user.one", "user.two", "trusted.three", "system.posix_acl_access", "system.posix_acl_default"];
    static readonly uint[] Modes = [0x1ff, 0x1a4, 0x180, 0x9ed, 0x5ed, 0xda4, 0x3ff, 0x5f8, 0];
    static readonly int[] Sizes = [1, 7, 100, 4096, 5000, 65536, 70_000, 150_000];
    static readonly uint[] Owners = [0, 1, 1000, 65534, Ownership.Unchanged];

    readonly Random _random = new(seed);
    readonly Queue<string> _last = new();

    /// <summary>How many operations were done.</summary>
    public int Steps { get; private set; }

    /// <summary>How many of them did something.</summary>
    public int Succeeded { get; private set; }

    /// <summary>Does one operation on both sides.</summary>
    public void Step()
    {
        Steps++;
        var (text, operation) = Next();
        _last.Enqueue(text);
        if (_last.Count > Remembered)
            _last.Dequeue();
        var wanted = operation(expected);
        var got = operation(actual);
        Succeeded += wanted.StartsWith("OK", StringComparison.Ordinal) ? 1 : 0;
        Assert.True(wanted == got, $"{Where()}: {text}: should be '{wanted}', is '{got}'{History()}");
    }

    /// <summary>Compares everything.</summary>
    public void Compare(string when)
    {
        var wanted = expected.Describe();
        var got = actual.Describe();
        if (wanted.SequenceEqual(got))
            return;
        var missing = string.Join('\n', wanted.Except(got).Take(10));
        var wrong = string.Join('\n', got.Except(wanted).Take(10));
        Assert.Fail($"{Where()}, {when}: should be\n{missing}\nis\n{wrong}{History()}");
    }

    /// <summary>Closes what is open on both sides, so that one can be unmounted.</summary>
    public void CloseAll()
    {
        expected.CloseAll();
        actual.CloseAll();
        _last.Enqueue("close all");
    }

    string Where() => $"seed {seed}, step {Steps}";

    string History() => "\nafter\n" + string.Join('\n', _last);

    (string Text, Func<Side, string> Operation) Next()
    {
        var (handle, other) = (_random.Next(Side.Handles), _random.Next(Side.Handles));
        var (path, next) = (SomePath(), SomePath());
        switch (_random.Next(36))
        {
            case <= 3:
                return Open(handle, path);
            case 4:
                return Say($"tmpfile {handle} {path}", side => side.Open(handle, path, OpenFlags.O_TMPFILE | OpenFlags.O_RDWR, 0x1a4));
            case 5:
                return Say($"link file {handle} to {path}", side => side.LinkFile(handle, path));
            case <= 9:
                var (bytes, at) = (SomeBytes(), SomeOffset());
                return Say($"write {handle} {bytes.Length} at {at}", side => side.Write(handle, bytes, at));
            case <= 11:
                var (length, from) = (SomeSize(), SomeOffset());
                return Say($"read {handle} {length} at {from}", side => side.Read(handle, length, from));
            case <= 13:
                var size = SomeOffset();
                return Say($"truncate {handle} to {size}", side => side.Truncate(handle, size));
            case <= 15:
                return Fallocate(handle);
            case <= 17:
                var (source, target, count) = (SomeOffset(), SomeOffset(), SomeSize());
                return Say($"copy {count} from {handle} at {source} to {other} at {target}", side => side.Copy(handle, source, other, target, count));
            case 18:
                return Say($"stat {handle}", side => side.Status(handle));
            case 19:
                var whence = _random.Next(2) == 0 ? PosixFile.SEEK_DATA : PosixFile.SEEK_HOLE;
                return Say($"seek {handle}", side => side.SeekBehindEnd(handle, whence));
            case 20:
                return Say($"sync {handle}", side => side.Sync(handle));
            case <= 22:
                var folderMode = SomeMode();
                return Say($"mkdir {path} {folderMode:x}", side => side.Mkdir(path, folderMode));
            case 23:
                return Say($"rmdir {path}", side => side.Rmdir(path));
            case 24:
                return Say($"unlink {path}", side => side.Unlink(path));
            case <= 26:
                var flags = _random.Next(8) switch { 0 => PosixFile.RENAME_NOREPLACE, 1 or 2 => PosixFile.RENAME_EXCHANGE, 3 => Whiteout | PosixFile.RENAME_NOREPLACE, 4 => Whiteout, _ => 0u };
                return Say($"rename {path} to {next} flags {flags}", side => side.Rename(path, next, flags));
            case 27:
                return Say($"link {path} to {next}", side => side.Link(path, next));
            case 28:
                var leads = _random.Next(4) == 0 ? new string('x', _random.Next(1, 300)) : next;
                return Say($"symlink {leads} at {path}", side => side.Symlink(leads, path));
            case 29:
                return Mknod(path);
            case 30:
                return ChangeMode(handle, path);
            case 31:
                return SetTimes(path);
            case <= 33:
                return ChangeXattr(path);
            case 34:
                return Say($"list {path}", side => $"{side.List(path)} {side.StatusOf(path, follow: true)}");
            default:
                return Say($"read link {path}", side => $"{side.Readlink(path)} {side.StatusOf(path, follow: false)}");
        }
    }

    (string Text, Func<Side, string> Operation) Open(int handle, string path)
    {
        var flags = _random.Next(3) == 0 ? OpenFlags.O_RDONLY : OpenFlags.O_RDWR;
        foreach (var (flag, chance) in new[]
        {
            (OpenFlags.O_CREAT, 2), (OpenFlags.O_EXCL, 6), (OpenFlags.O_TRUNC, 5), (OpenFlags.O_APPEND, 6), (OpenFlags.O_NOFOLLOW, 5), (OpenFlags.O_DSYNC, 20),
        })
        {
            if (_random.Next(chance) == 0)
                flags |= flag;
        }

        var mode = SomeMode();
        return Say($"open {handle} {path} {flags} {mode:x}", side => side.Open(handle, path, flags, mode));
    }

    (string Text, Func<Side, string> Operation) Fallocate(int handle)
    {
        var mode = _random.Next(5) switch
        {
            0 => 0,
            1 => PosixFile.FALLOC_FL_KEEP_SIZE,
            2 => ZeroRange,
            3 => ZeroRange | PosixFile.FALLOC_FL_KEEP_SIZE,
            _ => PosixFile.FALLOC_FL_PUNCH_HOLE | PosixFile.FALLOC_FL_KEEP_SIZE,
        };
        var (offset, length) = (SomeOffset(), SomeSize());
        return Say($"fallocate {handle} mode {mode} {length} at {offset}", side => side.Fallocate(handle, mode, offset, length));
    }

    (string Text, Func<Side, string> Operation) Mknod(string path)
    {
        var (type, device) = _random.Next(4) switch
        {
            0 => (ModeBits.S_IFIFO, 0ul),
            1 => (ModeBits.S_IFSOCK, 0ul),
            2 => (ModeBits.S_IFCHR, DeviceNumber.Make(4000, 70_000)),
            _ => (ModeBits.S_IFBLK, DeviceNumber.Make(4001, 3)),
        };
        var mode = type | (SomeMode() & 0x1ff);
        return Say($"mknod {path} {mode:x}", side => side.Mknod(path, mode, device));
    }

    (string Text, Func<Side, string> Operation) ChangeMode(int handle, string path)
    {
        var mode = SomeMode();
        var (uid, gid) = (Owners[_random.Next(Owners.Length)], Owners[_random.Next(Owners.Length)]);
        return _random.Next(3) switch
        {
            0 => Say($"chmod file {handle} {mode:x}", side => side.Chmod(handle, mode)),
            1 => Say($"chmod {path} {mode:x}", side => $"{side.ChmodPath(path, mode)} {side.StatusOf(path, follow: true)}"),
            _ => Say($"chown {path} {uid}:{gid}", side => $"{side.Chown(path, uid, gid)} {side.StatusOf(path, follow: false)}"),
        };
    }

    (string Text, Func<Side, string> Operation) SetTimes(string path)
    {
        var access = _random.Next(3) == 0 ? TimeSetting.Omit : TimeSetting.At(_random.Next(1_000_000_000), (uint)_random.Next(1_000_000_000));
        var modification = _random.Next(4) switch
        {
            0 => TimeSetting.Omit,
            1 => TimeSetting.Now,
            _ => TimeSetting.At(_random.Next(-1000, 1_000_000_000), (uint)_random.Next(1_000_000_000)),
        };
        var isAccessSet = !access.Equals(TimeSetting.Omit);
        return Say($"times {path}", side => side.SetTimes(path, access, modification, isAccessSet));
    }

    (string Text, Func<Side, string> Operation) ChangeXattr(string path)
    {
        var name = Attributes[_random.Next(Attributes.Length)];
        if (_random.Next(4) == 0)
            return Say($"remove {name} of {path}", side => $"{side.RemoveXattr(path, name)} {side.StatusOf(path, follow: false)}");
        var value = name.StartsWith("system", StringComparison.Ordinal) ? SomeAcl() : SomeBytes().AsSpan()[..1].ToArray();
        var flags = _random.Next(5) switch { 0 => Xattrs.XATTR_CREATE, 1 => Xattrs.XATTR_REPLACE, _ => 0 };
        return Say(
            string.Create(CultureInfo.InvariantCulture, $"set {name} of {path} flags {flags} {Convert.ToHexString(value)}"),
            side => $"{side.SetXattr(path, name, value, flags)} {side.GetXattr(path, name)} {side.StatusOf(path, follow: false)}");
    }

    byte[] SomeAcl()
    {
        const int owner = 1, user = 2, group = 4, mask = 16, others = 32;
        var entries = new List<(int Tag, uint Id)> { (owner, uint.MaxValue), (group, uint.MaxValue), (others, uint.MaxValue) };
        if (_random.Next(3) > 0)
            entries.AddRange([(user, 1000), (user, 1001), (mask, uint.MaxValue)]);
        var acl = new byte[4 + (8 * entries.Count)];
        acl[0] = 2;
        var at = 4;
        foreach (var (tag, id) in entries.OrderBy(static entry => entry.Tag).ThenBy(static entry => entry.Id))
        {
            BinaryPrimitives.WriteUInt16LittleEndian(acl.AsSpan(at), (ushort)tag);
            BinaryPrimitives.WriteUInt16LittleEndian(acl.AsSpan(at + 2), (ushort)_random.Next(8));
            BinaryPrimitives.WriteUInt32LittleEndian(acl.AsSpan(at + 4), id);
            at += 8;
        }

        return acl;
    }

    string SomePath() => string.Join('/', Enumerable.Range(0, _random.Next(6) switch { <= 1 => 1, <= 4 => 2, _ => 3 }).Select(_ => Names[_random.Next(Names.Length)]));

    uint SomeMode() => Modes[_random.Next(Modes.Length)];

    int SomeSize() => _random.Next(1, Sizes[_random.Next(Sizes.Length)] + 1);

    long SomeOffset() => _random.Next(3) switch { 0 => 4096 * _random.Next(60), 1 => _random.Next(5000), _ => _random.Next(250_000) };

    byte[] SomeBytes()
    {
        var bytes = new byte[SomeSize()];
        if (_random.Next(8) > 0)
            _random.NextBytes(bytes);
        return bytes;
    }

    static (string Text, Func<Side, string> Operation) Say(string text, Func<Side, string> operation) => (text, operation);
}
