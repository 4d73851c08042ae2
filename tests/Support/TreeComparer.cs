using Vt.Posix;

namespace Vt.Tests.Support;

/// <summary>
/// Compares two trees on disk: names, content, every metadata field that can be restored, holes, and which names are links of one inode.
/// </summary>
public sealed class TreeComparer
{
    const int MostDifferences = 50;

    readonly List<string> _differences = [];
    readonly Dictionary<(ulong, ulong), byte[]> _leftLinks = [];
    readonly Dictionary<(ulong, ulong), byte[]> _rightLinks = [];
    readonly bool _owners;
    readonly bool _holes;

    TreeComparer(bool owners, bool holes)
    {
        _owners = owners;
        _holes = holes;
    }

    /// <summary>What differs, in words for people; empty where nothing does.</summary>
    /// <param name="left">A folder.</param>
    /// <param name="right">Another.</param>
    /// <param name="owners">Whether owners count.</param>
    /// <param name="holes">Whether a file that is sparse on the left must be so on the right.</param>
    public static IReadOnlyList<string> Compare(string left, string right, bool owners = true, bool holes = true)
    {
        var comparer = new TreeComparer(owners, holes);
        using var leftFolder = PosixFile.Open(left, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        using var rightFolder = PosixFile.Open(right, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        comparer.CompareStatus([], PosixFile.Fstat(leftFolder), PosixFile.Fstat(rightFolder));
        comparer.CompareXattrs([], Xattrs.PathBelow(leftFolder, [], new byte[64]), Xattrs.PathBelow(rightFolder, [], new byte[64]), follow: true);
        comparer.CompareFolders([], leftFolder, rightFolder);
        return comparer._differences;
    }

    void Say(ReadOnlySpan<byte> path, string what)
    {
        if (_differences.Count < MostDifferences)
            _differences.Add($"{PathText.Of(path)}: {what}");
    }

    void CompareFolders(byte[] path, FileDescriptor left, FileDescriptor right)
    {
        var leftNames = Directories.SortedNames(left);
        var rightNames = Directories.SortedNames(right);
        int i = 0, j = 0;
        while (i < leftNames.Count || j < rightNames.Count)
        {
            var order = i == leftNames.Count ? 1 : j == rightNames.Count ? -1 : leftNames[i].AsSpan().SequenceCompareTo(rightNames[j]);
            if (order < 0)
                Say([.. path, .. leftNames[i++]], "only on the left");
            else if (order > 0)
                Say([.. path, .. rightNames[j++]], "only on the right");
            else
                CompareNames(path, leftNames[i++], rightNames[j++], left, right);
        }
    }

    void CompareNames(byte[] folder, byte[] name, byte[] same, FileDescriptor left, FileDescriptor right)
    {
        byte[] path = [.. folder, .. name];
        var leftError = PosixFile.TryStatAt(left, name, follow: false, out var a);
        var rightError = PosixFile.TryStatAt(right, same, follow: false, out var b);
        if (leftError != Errno.OK || rightError != Errno.OK)
        {
            Say(path, $"statx: {leftError}, {rightError}");
            return;
        }

        CompareStatus(path, a, b);
        if (a.Type != b.Type)
            return;
        var room = new byte[512];
        var otherRoom = new byte[512];
        CompareXattrs(path, Xattrs.PathBelow(left, name, room), Xattrs.PathBelow(right, name, otherRoom), follow: false);
        CompareLinks(path, a, b);
        if (a.IsDirectory)
        {
            using var leftInner = PosixFile.OpenAt(left, name, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW);
            using var rightInner = PosixFile.OpenAt(right, name, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW);
            CompareFolders([.. path, (byte)'/'], leftInner, rightInner);
        }
        else if (a.IsRegular)
        {
            CompareContent(path, a, b, left, right, name);
        }
        else if (a.IsSymlink)
        {
            _ = PosixFile.TryReadlinkAt(left, name, out var leftTarget);
            _ = PosixFile.TryReadlinkAt(right, name, out var rightTarget);
            if (!leftTarget.AsSpan().SequenceEqual(rightTarget))
                Say(path, $"points to {PathText.Of(leftTarget)}, {PathText.Of(rightTarget)}");
        }
    }

    void CompareStatus(ReadOnlySpan<byte> path, in Statx a, in Statx b)
    {
        if (a.Mode != b.Mode)
            Say(path, $"mode {Convert.ToString(a.Mode, 8)}, {Convert.ToString(b.Mode, 8)}");
        if (_owners && (a.Uid, a.Gid) != (b.Uid, b.Gid))
            Say(path, $"owner {a.Uid}:{a.Gid}, {b.Uid}:{b.Gid}");
        if (!a.IsDirectory && a.Size != b.Size)
            Say(path, $"size {a.Size}, {b.Size}");
        if (a.ModificationTime.TotalNanoseconds != b.ModificationTime.TotalNanoseconds)
            Say(path, $"mtime {a.ModificationTime.TotalNanoseconds}, {b.ModificationTime.TotalNanoseconds}");
        if (a.Rdev != b.Rdev)
            Say(path, $"device {a.Rdev}, {b.Rdev}");
        if (!a.IsDirectory && a.Links != b.Links)
            Say(path, $"links {a.Links}, {b.Links}");
        if (_holes && a.IsRegular && a.Size - (a.Blocks * 512) > 1 << 20 && b.Size - (b.Blocks * 512) < 1 << 19)
            Say(path, $"takes {a.Blocks * 512} of {a.Size} bytes, {b.Blocks * 512}");
    }

    void CompareLinks(byte[] path, in Statx a, in Statx b)
    {
        if (a.IsDirectory || (a.Links == 1 && b.Links == 1))
            return;
        var hasLeft = _leftLinks.TryGetValue((a.Device, a.Inode), out var leftFirst);
        var hasRight = _rightLinks.TryGetValue((b.Device, b.Inode), out var rightFirst);
        if (hasLeft != hasRight || (hasLeft && !leftFirst.AsSpan().SequenceEqual(rightFirst)))
            Say(path, $"linked to {PathText.Of(leftFirst ?? [])}, {PathText.Of(rightFirst ?? [])}");
        _leftLinks.TryAdd((a.Device, a.Inode), path);
        _rightLinks.TryAdd((b.Device, b.Inode), path);
    }

    void CompareXattrs(ReadOnlySpan<byte> path, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, bool follow)
    {
        var leftNames = follow ? Xattrs.List(left) : Xattrs.LList(left);
        var rightNames = follow ? Xattrs.List(right) : Xattrs.LList(right);
        foreach (var name in leftNames.Concat(rightNames).DistinctBy(Convert.ToHexString))
        {
            var a = follow ? Xattrs.Get(left, name) : Xattrs.LGet(left, name);
            var b = follow ? Xattrs.Get(right, name) : Xattrs.LGet(right, name);
            if (a is null || b is null || !a.AsSpan().SequenceEqual(b))
                Say(path, $"{PathText.Of(name)} is {(a is null ? "absent" : Convert.ToHexString(a))}, {(b is null ? "absent" : Convert.ToHexString(b))}");
        }
    }

    void CompareContent(byte[] path, in Statx a, in Statx b, FileDescriptor left, FileDescriptor right, byte[] name)
    {
        if (a.Size != b.Size || (a.Blocks == 0 && b.Blocks == 0))
            return;
        using var leftFile = PosixFile.OpenAt(left, name, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW);
        using var rightFile = PosixFile.OpenAt(right, name, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW);
        var one = new byte[1 << 16];
        var other = new byte[1 << 16];
        for (long at = 0; at < a.Size; at += one.Length)
        {
            var count = PosixFile.PreadUpTo(leftFile, one, at);
            var same = PosixFile.PreadUpTo(rightFile, other, at);
            if (count == same && one.AsSpan(0, count).SequenceEqual(other.AsSpan(0, same)))
                continue;
            Say(path, $"content differs at or behind {at}");
            return;
        }
    }
}
