using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Files;
using Vt.Posix;
using Vt.Posix.Mounts;

namespace Vt.Mounts;

/// <summary>A place where an archive is mounted for writing, and the server there.</summary>
/// <param name="Entry">The mount.</param>
/// <param name="Archive">The archive's path, as the server knows it.</param>
sealed record LiveMount(MountEntry Entry, string Archive)
{
    /// <summary>What mounts of ours are called in the table of mounts.</summary>
    public const string MountType = "fuse.vt";

    const int LongestPath = 4096;

    /// <summary>Whether the mount follows what is checked out of a volume.</summary>
    public bool IsFollowing => !Entry.Source.Contains('@', StringComparison.Ordinal) && !Entry.Source.Contains('/', StringComparison.Ordinal);

    byte[] Place => LosslessText.ToBytes(Entry.MountPoint);

    /// <summary>Every archive that this process sees mounted for writing, each once. Of servers that are gone or of another user nothing is said.</summary>
    public static IEnumerable<LiveMount> List()
    {
        var seen = new HashSet<(uint Major, uint Minor)>();
        foreach (var entry in MountTable.Read())
        {
            if (entry.Type == MountType && !seen.Contains((entry.Major, entry.Minor)) && ReadArchive(entry) is { } archive && seen.Add((entry.Major, entry.Minor)))
                yield return new LiveMount(entry, archive);
        }
    }

    /// <summary>The mount of an archive; null where this process sees none.</summary>
    public static LiveMount? Find(string archive) => List().FirstOrDefault(mount => IsSame(mount.Archive, archive));

    /// <summary>Whether two paths are the same archive.</summary>
    public static bool IsSame(string one, string other) =>
        one == other || (PosixFile.TryStat(one, out var first) == Errno.OK && PosixFile.TryStat(other, out var second) == Errno.OK
            && first.Inode == second.Inode && first.Device == second.Device);

    /// <summary>Makes a state of all that was written, by way of memory maps too.</summary>
    /// <exception cref="UserErrorException">It can't be done.</exception>
    public void Sync()
    {
        var error = PosixFile.TryOpen(Place, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0, out var root);
        using (root)
        {
            if (error == Errno.OK)
            {
                PosixFile.Syncfs(root);
                error = Xattrs.TrySet(root, LiveFileSystem.SyncAttribute, "now"u8);
            }
        }

        if (error != Errno.OK)
            throw new UserErrorException($"{Entry.MountPoint}: {LiveMountText.Explain(error)}");
    }

    /// <summary>Refuses if somebody has a file open for writing.</summary>
    /// <param name="name">What the mount is called in the message.</param>
    public void RefuseWriters(string name)
    {
        var writers = OpenWriters.Find(Entry.Major, Entry.Minor);
        if (writers.Count == 0)
            return;
        var (process, program, file) = writers[0];
        var others = writers.Count switch { 1 => "", 2 => ", and 1 more process has one", _ => $", and {writers.Count - 1} more processes have one" };
        throw new UserErrorException($"{name} is in use: {program} ({process}) has {file} open for writing{others}; stop it, or say -f");
    }

    /// <summary>Lets the mount become another tree or another archive, as one step to all who use it; when it returns all of them see that.</summary>
    /// <exception cref="UserErrorException">It can't be done now; all is as it was.</exception>
    /// <exception cref="IOException">The server died or failed over it, and the next mount will show how far that came.</exception>
    public void Turn(ArchiveTurn turn)
    {
        var error = Xattrs.TrySet(Place, LiveFileSystem.ArchiveAttribute, turn.ToBytes());
        if (error is Errno.EAGAIN or Errno.EBUSY or Errno.EOPNOTSUPP or Errno.ENODATA or Errno.ENOENT or Errno.EINVAL or Errno.EPERM or Errno.ETXTBSY or Errno.EINTR)
            throw new UserErrorException($"{Entry.MountPoint}: {Explain(error)}");
        if (error != Errno.OK)
            throw new IOException($"{Entry.MountPoint}: {Explain(error)}; whether it became the other tree shows when it is mounted again");
        _ = ReadArchive(Entry);
    }

    static string Explain(Errno error) => error switch
    {
        Errno.EAGAIN => "something was changed there meanwhile: try again",
        Errno.EBUSY => "the branch is mounted elsewhere, or changes of a mount of it that was killed wait, or requests take too long: unmount it there, or mount it once",
        Errno.EOPNOTSUPP => "a part of a tree is mounted, or there are local names (-o exclude), or its state folder is elsewhere (-o state): unmount it first",
        Errno.ENOENT => "the store that it is mounted from does not have that",
        _ => LiveMountText.Explain(error),
    };

    static string? ReadArchive(MountEntry entry)
    {
        var value = new byte[LongestPath];
        return Xattrs.TryGet(LosslessText.ToBytes(entry.MountPoint), LiveFileSystem.ArchiveAttribute, value, out var length) == Errno.OK
            ? LosslessText.FromBytes(value.AsSpan(0, length))
            : null;
    }
}
