using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Trees.Dirents;

namespace Vt.Trees.Shadow;

/// <summary>
/// A folder within a shadow's folder, on the same file system, in which new things get ready and to which old ones go before they go. One process has it at a time.
/// </summary>
/// <remarks>
/// What lies aside says in its name what may be there: what was made (by inode), or what was seen in its place (by inode, size and time). So whatever a killed process left
/// there is known: such a thing goes, and anything else was somebody's change at that very moment and comes back to the top of the folder.
/// </remarks>
public sealed class FolderStage : IDisposable
{
    const uint Mode = 0x1c0;
    const int LongestStem = 180;
    const OpenFlags FolderFlags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;

    readonly FileDescriptor _top;
    readonly FileDescriptor _stage;
    readonly FileDescriptor _ready;
    int _last;

    FolderStage(FileDescriptor top, FileDescriptor stage, FileDescriptor ready, FileDescriptor aside) => (_top, _stage, _ready, Aside) = (top, stage, ready, aside);

    /// <summary>Where things lie that are about to take a place, or have lost theirs.</summary>
    internal FileDescriptor Aside { get; }

    static ReadOnlySpan<byte> ReadyName => "ready"u8;

    static ReadOnlySpan<byte> AsideFolder => "aside"u8;

    /// <summary>Makes it where it isn't, and clears it of what a killed process left.</summary>
    /// <param name="top">The shadow's folder, open; borrowed until the end.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="label">What is called after that was somebody's.</param>
    /// <param name="onKept">Told the name of each such thing.</param>
    /// <exception cref="UserErrorException">Another process has it, or it is something else.</exception>
    public static FolderStage Open(FileDescriptor top, string path, string label, Action<string>? onKept)
    {
        var status = PosixFile.Fstat(top);
        var stage = OpenFolder(top, ShadowFolder.StageName, path);
        SetBack(top, status);
        try
        {
            if (PosixFile.Fstat(stage).Uid != Ownership.EffectiveUser)
                throw new UserErrorException($"{path}/.vt-shadow belongs to another user; look what it is, and remove it");
            if (!TryLock(stage))
                throw new UserErrorException($"{path} is being worked in by another vt shadow; wait for its end");
            Recover(top, stage, label, onKept);
            var ready = OpenFolder(stage, ReadyName, path);
            return new FolderStage(top, stage, ready, OpenFolder(stage, AsideFolder, path));
        }
        catch
        {
            stage.Dispose();
            throw;
        }
    }

    /// <summary>Clears what a killed process left, if it left anything.</summary>
    /// <param name="top">The shadow's folder, open.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="label">What is called after that was somebody's.</param>
    /// <param name="onKept">Told the name of each such thing.</param>
    /// <exception cref="UserErrorException">Another process has it, or it is something else.</exception>
    public static void Clear(FileDescriptor top, string path, string label, Action<string>? onKept)
    {
        if (PosixFile.TryStatAt(top, ShadowFolder.StageName, follow: false, out _) == Errno.OK)
            Open(top, path, label, onKept).Dispose();
    }

    /// <summary>Removes it.</summary>
    public void Dispose()
    {
        FolderTrees.RemoveBelow(_ready);
        _ = PosixFile.TryRmdirAt(_stage, ReadyName);
        _ = PosixFile.TryRmdirAt(_stage, AsideFolder);
        var status = PosixFile.Fstat(_top);
        if (PosixFile.TryRmdirAt(_top, ShadowFolder.StageName) == Errno.OK)
            SetBack(_top, status);
        Aside.Dispose();
        _ready.Dispose();
        _stage.Dispose();
    }

    /// <summary>The path by which things are made here.</summary>
    internal byte[] PathOfReady() => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{_ready.Value}"));

    /// <summary>The name under which the thing of a number gets ready.</summary>
    internal static string NameOf(int number) => number.ToString("D8", CultureInfo.InvariantCulture);

    /// <summary>Tells about something that got ready; null where it isn't there.</summary>
    internal Statx? TryStatReady(string name) =>
        PosixFile.TryStatAt(_ready, Encoding.ASCII.GetBytes(name), follow: false, out var status) == Errno.OK ? status : null;

    /// <summary>Takes something that got ready to where it can take its place.</summary>
    /// <returns>Its name there.</returns>
    internal byte[] TakeAside(string name, in Statx status, Dirent? seen)
    {
        var aside = AsideName.Of(status.Inode, seen, ++_last);
        var error = FolderTrees.Move(_ready, Encoding.ASCII.GetBytes(name), Aside, aside, status);
        return error == Errno.OK ? aside : throw PosixException.For(error, "rename", aside);
    }

    /// <summary>Puts what lies aside in the place of something in a directory that got ready, whose time stays.</summary>
    /// <returns>Whether that is done.</returns>
    internal bool TryMoveIntoReady(byte[] aside, string ready, ReadOnlySpan<byte> path)
    {
        var slash = path.LastIndexOf((byte)'/');
        using var folder = FolderTrees.TryOpen(_ready, [.. Encoding.ASCII.GetBytes(ready), .. slash < 0 ? [] : (byte[])[(byte)'/', .. path[..slash]]]);
        if (folder is null)
            return false;
        var status = PosixFile.Fstat(folder);
        if (PosixFile.TryRenameAt(Aside, aside, folder, path[(slash + 1)..]) != Errno.OK)
            return false;
        SetBack(folder, status);
        return true;
    }

    /// <summary>Makes a further name of an inode where it can take its place.</summary>
    internal (Errno Error, byte[] Aside, Statx Status) LinkAside(FileDescriptor from, ReadOnlySpan<byte> name, Dirent? seen)
    {
        var error = PosixFile.TryStatAt(from, name, follow: false, out var status);
        var aside = AsideName.Of(status.Inode, seen, ++_last);
        if (error == Errno.OK)
            error = PosixFile.TryLinkAt(from, name, Aside, aside);
        if (error == Errno.OK)
            error = PosixFile.TryStatAt(Aside, aside, follow: false, out status);
        return (error, aside, status);
    }

    /// <summary>Whether what lies aside is what was seen.</summary>
    internal bool IsSeenAside(ReadOnlySpan<byte> aside, Dirent seen) =>
        PosixFile.TryStatAt(Aside, aside, follow: false, out var status) == Errno.OK && AsideName.Allows(AsideName.Of(0, seen), status);

    /// <summary>Whether an inode lies aside.</summary>
    internal bool IsAside(ReadOnlySpan<byte> aside, ulong inode) => PosixFile.TryStatAt(Aside, aside, follow: false, out var status) == Errno.OK && status.Inode == inode;

    /// <summary>Removes what lies aside.</summary>
    internal void DropAside(ReadOnlySpan<byte> aside) => FolderTrees.Remove(Aside, aside);

    /// <summary>Swaps what lies aside with what has a name.</summary>
    internal Errno Exchange(FileDescriptor folder, ReadOnlySpan<byte> name, byte[] aside)
    {
        var error = PosixFile.TryRenameAt(Aside, aside, folder, name, PosixFile.RENAME_EXCHANGE);
        if (error is not (Errno.EINVAL or Errno.ENOSYS))
            return error;

        // The file system has no such rename (renameat2(2)): for a moment nothing has the name.
        byte[] old = [.. aside, (byte)'o'];
        error = PosixFile.TryRenameAt(folder, name, Aside, old);
        if (error != Errno.OK)
            return error;
        error = PosixFile.TryLinkAt(Aside, aside, folder, name);
        if (error == Errno.OK)
            return PosixFile.TryRenameAt(Aside, old, Aside, aside);
        _ = PosixFile.TryLinkAt(Aside, old, folder, name);
        _ = PosixFile.TryUnlinkAt(Aside, old);
        return error;
    }

    /// <summary>Gives what lies aside a name that nothing has.</summary>
    internal Errno MoveFromAside(FileDescriptor folder, ReadOnlySpan<byte> name, ReadOnlySpan<byte> aside, in Statx status)
    {
        var error = FolderTrees.Move(Aside, aside, folder, name, status, PosixFile.RENAME_NOREPLACE);
        if (error is not (Errno.EINVAL or Errno.ENOSYS))
            return error;
        if (status.IsDirectory)
            return PosixFile.TryStatAt(folder, name, follow: false, out _) == Errno.OK ? Errno.EEXIST : FolderTrees.Move(Aside, aside, folder, name, status);
        error = PosixFile.TryLinkAt(Aside, aside, folder, name);
        return error == Errno.OK ? PosixFile.TryUnlinkAt(Aside, aside) : error;
    }

    /// <summary>Puts what was somebody's beside the name that it had.</summary>
    internal void GiveBackBeside(FileDescriptor folder, ReadOnlySpan<byte> name, ReadOnlySpan<byte> aside, string label)
    {
        var stem = name[..Math.Min(name.Length, LongestStem)].ToArray();
        _ = MoveToFree(Aside, aside, folder, number => [.. stem, .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $".conflict-{label}-{number}"))]);
    }

    static FileDescriptor OpenFolder(FileDescriptor parent, ReadOnlySpan<byte> name, string path)
    {
        var error = PosixFile.TryMkdirAt(parent, name, Mode);
        if (error is not (Errno.OK or Errno.EEXIST))
            throw NotUsable(path, error);
        error = PosixFile.TryOpenAt(parent, name, FolderFlags, 0, out var folder);
        if (error == Errno.OK)
            return folder;
        folder.Dispose();
        throw NotUsable(path, error);
    }

    // That this comes and goes is no change of the folder's.
    static void SetBack(FileDescriptor top, in Statx status) =>
        _ = Times.TrySet(top, TimeSetting.Omit, TimeSetting.At(status.ModificationTime.Seconds, status.ModificationTime.Nanoseconds));

    static UserErrorException NotUsable(string path, Errno error) =>
        new($"{path}/.vt-shadow, in which things get ready, can't be used: {PosixException.TextOf(error)}"
            + (error is Errno.EACCES or Errno.EPERM or Errno.EROFS ? "; make the folder writable, or only save it, by --one-way to-store" : ""));

    static bool TryLock(FileDescriptor stage)
    {
        try
        {
            return Locks.Flock(stage, LockKind.Exclusive, wait: false);
        }
        catch (PosixException)
        {
            // A file system without locks: the lock of the shadow's state has to do.
            return true;
        }
    }

    static void Recover(FileDescriptor top, FileDescriptor stage, string label, Action<string>? onKept)
    {
        if (PosixFile.TryOpenAt(stage, ReadyName, FolderFlags, 0, out var ready) == Errno.OK)
            FolderTrees.RemoveBelow(ready);
        ready.Dispose();
        var error = PosixFile.TryOpenAt(stage, AsideFolder, FolderFlags, 0, out var aside);
        using (aside)
        {
            if (error == Errno.OK)
                RecoverAside(top, aside, label, onKept);
        }
    }

    static void RecoverAside(FileDescriptor top, FileDescriptor aside, string label, Action<string>? onKept)
    {
        foreach (var name in FolderTrees.NamesIn(aside))
        {
            if (PosixFile.TryStatAt(aside, name, follow: false, out var status) != Errno.OK)
                continue;
            if (AsideName.Allows(name, status))
            {
                FolderTrees.Remove(aside, name);
                continue;
            }

            var kept = MoveToFree(aside, name, top, number => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"conflict-{label}-kept-{number}")));
            if (kept is not null)
                onKept?.Invoke(Encoding.ASCII.GetString(kept));
        }
    }

    // Gives something the first name that nothing has; null where it can't be moved.
    static byte[]? MoveToFree(FileDescriptor from, ReadOnlySpan<byte> name, FileDescriptor to, Func<int, byte[]> nameOf)
    {
        for (var number = 1; number < 1000; number++)
        {
            var free = nameOf(number);
            var error = PosixFile.TryRenameAt(from, name, to, free, PosixFile.RENAME_NOREPLACE);
            if (error != Errno.EEXIST)
                return error == Errno.OK ? free : null;
        }

        return null;
    }
}
