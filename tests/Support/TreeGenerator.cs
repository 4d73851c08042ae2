using System.Text;
using Vt.Posix;

namespace Vt.Tests.Support;

/// <summary>
/// Makes trees with everything awkward in them: sizes from 0 to several MiB, holes, hard links, names that aren't UTF-8 or
/// have 255 bytes, deep paths, ACLs and capabilities, devices, fifos, sockets, symbolic links, setuid, setgid and sticky,
/// many entries in one folder. The same seed and scale make the same tree, but for times and inode numbers.
/// </summary>
public sealed class TreeGenerator(int seed, double scale = 1)
{
    readonly Random _random = new(seed);

    /// <summary>Whether this user may make devices, set owners and trusted attributes.</summary>
    public static bool IsRoot => Ownership.EffectiveUser == 0;

    /// <summary>Makes a tree in a folder that exists.</summary>
    public void Make(string folder)
    {
        using var root = PosixFile.Open(folder, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        MakeSizes(root);
        MakeHoles(root);
        MakeLinks(root);
        MakeNames(root);
        MakeSpecials(root);
        MakeAttributes(root);
        MakeMany(root);
        MakeDeep(root);
        MakeModes(root);
        Touch(root);
    }

    /// <summary>Writes a file of random or text-like content.</summary>
    public void WriteFile(FileDescriptor folder, ReadOnlySpan<byte> name, int size)
    {
        using var file = PosixFile.OpenAt(folder, name, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC, 0x1a4);
        var content = new byte[size];
        if (_random.Next(2) == 0)
            _random.NextBytes(content);
        else
            FillWithText(content);
        PosixFile.PwriteFully(file, content, 0);
    }

    /// <summary>Makes a folder and opens it.</summary>
    public static FileDescriptor MakeFolder(FileDescriptor parent, ReadOnlySpan<byte> name)
    {
        Expect(PosixFile.TryMkdirAt(parent, name, 0x1ed));
        return PosixFile.OpenAt(parent, name, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    }

    void FillWithText(Span<byte> content)
    {
        for (var i = 0; i < content.Length; i++)
            content[i] = _random.Next(7) == 0 ? (byte)' ' : (byte)('a' + _random.Next(26));
    }

    void MakeSizes(FileDescriptor root)
    {
        using var folder = MakeFolder(root, "sizes"u8);
        int[] sizes = [0, 1, 2, 127, 128, 129, 4095, 4096, 4097, 65536, 131072, 131073, 1 << 20, (1 << 20) + 1, (int)(3_500_000 * scale) + 1];
        foreach (var size in sizes.Distinct())
            WriteFile(folder, Encoding.ASCII.GetBytes($"{size}.bin"), size);
        WriteFile(folder, "source.c"u8, 20_000);
        WriteFile(folder, "mail.mbox"u8, 30_000);
    }

    void MakeHoles(FileDescriptor root)
    {
        using var folder = MakeFolder(root, "holes"u8);
        using (var all = PosixFile.OpenAt(folder, "all"u8, OpenFlags.O_WRONLY | OpenFlags.O_CREAT, 0x1a4))
            PosixFile.Ftruncate(all, 50L << 20);
        using (var some = PosixFile.OpenAt(folder, "some"u8, OpenFlags.O_WRONLY | OpenFlags.O_CREAT, 0x1a4))
        {
            var piece = new byte[70_000];
            _random.NextBytes(piece);
            PosixFile.PwriteFully(some, piece, 1 << 20);
            PosixFile.PwriteFully(some, piece, 5_000_000);
            PosixFile.Ftruncate(some, 8 << 20);
        }

        using var small = PosixFile.OpenAt(folder, "small"u8, OpenFlags.O_WRONLY | OpenFlags.O_CREAT, 0x1a4);
        PosixFile.PwriteFully(small, "end"u8, 100_000);
    }

    void MakeLinks(FileDescriptor root)
    {
        using var folder = MakeFolder(root, "links"u8);
        using var other = MakeFolder(root, "links-too"u8);
        WriteFile(folder, "first"u8, 40_000);
        Expect(PosixFile.TryLinkAt(folder, "first"u8, folder, "second"u8));
        Expect(PosixFile.TryLinkAt(folder, "first"u8, other, "third"u8));
        WriteFile(other, "pair"u8, 0);
        Expect(PosixFile.TryLinkAt(other, "pair"u8, folder, "pair"u8));
        Expect(PosixFile.TrySymlinkAt("first"u8, folder, "to-first"u8));
        Expect(PosixFile.TrySymlinkAt("/nowhere/at all"u8, folder, "dangling"u8));
        var far = new byte[3000];
        far.AsSpan().Fill((byte)'x');
        for (var i = 10; i < far.Length; i += 11)
            far[i] = (byte)'/';
        Expect(PosixFile.TrySymlinkAt(far, folder, "far"u8));
        Expect(PosixFile.TryLinkAt(folder, "to-first"u8, other, "to-first-again"u8));
    }

    void MakeNames(FileDescriptor root)
    {
        using var folder = MakeFolder(root, "names"u8);
        byte[][] names =
        [
            [0xff, 0xfe, 0x80], [0xc3], [1, 2, 3, 10], [.. " leading and trailing "u8], [.. "back\\slash"u8], [.. "-dash"u8], [.. "...."u8],
            [.. "quote'\"`$"u8], [.. Encoding.UTF8.GetBytes("日本語 ñ 🙂")], [.. Enumerable.Repeat((byte)'n', 255)],
        ];
        foreach (var name in names)
            WriteFile(folder, name, 10);
        using var inner = MakeFolder(folder, [0x80, 0x81]);
        WriteFile(inner, [0xff], 300);
    }

    static void MakeSpecials(FileDescriptor root)
    {
        using var folder = MakeFolder(root, "specials"u8);
        Expect(PosixFile.TryMknodAt(folder, "fifo"u8, ModeBits.S_IFIFO | 0x1a4));
        Expect(PosixFile.TryMknodAt(folder, "socket"u8, ModeBits.S_IFSOCK | 0x1ed));
        if (!IsRoot)
            return;
        Expect(PosixFile.TryMknodAt(folder, "null"u8, ModeBits.S_IFCHR | 0x1b6, DeviceNumber.Make(1, 3)));
        Expect(PosixFile.TryMknodAt(folder, "block"u8, ModeBits.S_IFBLK | 0x1b0, DeviceNumber.Make(259, 70000)));
        Expect(Ownership.TryChownAt(folder, "fifo"u8, 1234, 4321));
    }

    void MakeAttributes(FileDescriptor root)
    {
        using var folder = MakeFolder(root, "attributes"u8);
        foreach (var name in new[] { "user", "large", "acl", "capable" })
            WriteFile(folder, Encoding.ASCII.GetBytes(name), 500);
        using (var file = PosixFile.OpenAt(folder, "user"u8, OpenFlags.O_RDWR))
        {
            _ = Xattrs.TrySet(file, "user.mime_type"u8, "text/plain"u8);
            _ = Xattrs.TrySet(file, "user.empty"u8, []);
            if (IsRoot)
                _ = Xattrs.TrySet(file, "trusted.vt"u8, [0, 1, 2, 255]);
        }

        using (var file = PosixFile.OpenAt(folder, "large"u8, OpenFlags.O_RDWR))
        {
            var value = new byte[2000];
            _random.NextBytes(value);
            _ = Xattrs.TrySet(file, "user.large"u8, value);
        }

        // acl(5) as the kernel has it: version 2, then tag, permissions, id: u::rw- u:1000:r-- g::r-- m::r-- o::---
        byte[] acl =
        [
            2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 4, 0, 232, 3, 0, 0, 4, 0, 4, 0, 255, 255, 255, 255,
            16, 0, 4, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255, 255, 255, 255,
        ];
        using (var file = PosixFile.OpenAt(folder, "acl"u8, OpenFlags.O_RDWR))
            _ = Xattrs.TrySet(file, "system.posix_acl_access"u8, acl);
        _ = Xattrs.TrySet(folder, "system.posix_acl_default"u8, acl);
        _ = Xattrs.TrySet(folder, "user.folder"u8, "yes"u8);
        if (!IsRoot)
            return;

        // capabilities(7), VFS_CAP_REVISION_2 with cap_net_bind_service, effective.
        byte[] capability = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        using (var file = PosixFile.OpenAt(folder, "capable"u8, OpenFlags.O_RDWR))
            _ = Xattrs.TrySet(file, "security.capability"u8, capability);
        Expect(PosixFile.TrySymlinkAt("user"u8, folder, "link"u8));
        Span<byte> room = stackalloc byte[64];
        _ = Xattrs.TryLSet(Xattrs.PathBelow(folder, "link"u8, room), "trusted.link"u8, "own"u8);
    }

    void MakeMany(FileDescriptor root)
    {
        using var folder = MakeFolder(root, "many"u8);
        for (var i = 0; i < (int)(600 * scale); i++)
            WriteFile(folder, Encoding.ASCII.GetBytes($"entry-{i:000000}"), i % 3 == 0 ? 0 : _random.Next(400));
    }

    void MakeDeep(FileDescriptor root)
    {
        var folder = root.Duplicate();
        for (var i = 0; i < Math.Max(5, (int)(40 * scale)); i++)
        {
            var inner = MakeFolder(folder, Encoding.ASCII.GetBytes($"deeper-and-deeper-{i}"));
            folder.Dispose();
            folder = inner;
        }

        WriteFile(folder, "bottom"u8, 1000);
        folder.Dispose();
    }

    void MakeModes(FileDescriptor root)
    {
        using var folder = MakeFolder(root, "modes"u8);
        uint[] modes = [0, 0x100, 0x1ff, 0x9ed, 0x5ed, 0x3ed, 0xfff];
        foreach (var mode in modes)
        {
            var name = Encoding.ASCII.GetBytes($"file-{Convert.ToString(mode, 8)}");
            WriteFile(folder, name, 20);
            if (IsRoot)
                Expect(Ownership.TryChownAt(folder, name, 1000 + mode, 2000));
            Expect(Ownership.TryChmodAt(folder, name, mode));
        }

        using var shared = MakeFolder(folder, "shared"u8);
        Expect(Ownership.TryChmod(shared, 0x7ff));
        using var empty = MakeFolder(folder, "empty"u8);
    }

    static void Touch(FileDescriptor root)
    {
        using var names = PosixFile.OpenAt(root, "sizes"u8, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        Expect(Times.TrySetAt(names, "0.bin"u8, TimeSetting.Omit, TimeSetting.At(-1, 999_999_999)));
        Expect(Times.TrySetAt(names, "1.bin"u8, TimeSetting.Omit, TimeSetting.At(1_234_567_890, 123_456_789)));
        using var links = PosixFile.OpenAt(root, "links"u8, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        Expect(Times.TrySetAt(links, "dangling"u8, TimeSetting.Omit, TimeSetting.At(1_000_000_000, 1)));
        Expect(Times.TrySetAt(root, "names"u8, TimeSetting.Omit, TimeSetting.At(1_100_000_000, 2)));
    }

    static void Expect(Errno error)
    {
        if (error != Errno.OK)
            throw new PosixException(error, "making a test tree");
    }
}
