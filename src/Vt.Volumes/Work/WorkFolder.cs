using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Trees.Meta;
using Vt.Volumes.Branches;

namespace Vt.Volumes.Work;

/// <summary>
/// The folder in which this machine keeps what it works on: for each branch an archive, whose newest state is the branch's tree with what was not
/// committed yet; which branch of each volume is checked out; and which volume is current. Small files are replaced whole and durably.
/// </summary>
/// <remarks>
/// <c>current</c> has a line for each store, its description and a volume's id. <c>ID/HEAD</c> has a branch's name. <c>ID/BRANCH.vt</c> is a branch's archive, with + for
/// each / of its name, and <c>ID/BRANCH.origin</c> the commit that its tree comes from, and the one that it is about to get, with the time of that.
/// A second line of <c>HEAD</c> is the branch that is about to be checked out.
/// </remarks>
/// <param name="path">The folder; need not exist.</param>
/// <param name="boundary">The crash tests' hook; null for none.</param>
public sealed class WorkFolder(string path, WriteBoundary? boundary = null)
{
    const uint FileMode = 0x1a4;
    const string CurrentName = "current";
    const string HeadName = "HEAD";
    const string LockName = "lock";
    const string ArchiveExtension = ".vt";
    const string OriginExtension = ".origin";
    const string Unborn = "unborn";
    const string MergedWord = "merged ";

    /// <summary>The archive of a branch's tree; need not exist.</summary>
    public string ArchiveOf(Volume volume, string branch) => NameOf(volume, branch) + ArchiveExtension;

    /// <summary>The current volume's id for a store.</summary>
    /// <param name="store">The store's description.</param>
    /// <returns>Null where none was chosen.</returns>
    public Guid? ReadCurrent(string store)
    {
        foreach (var line in Lines(Path.Combine(path, CurrentName)))
        {
            if (line.EndsWith(' ' + store, StringComparison.Ordinal) && line.Length == store.Length + 37 && Guid.TryParseExact(line[..36], "D", out var id))
                return id;
        }

        return null;
    }

    /// <summary>Makes a volume current for a store; null for none.</summary>
    public void WriteCurrent(string store, Guid? volume)
    {
        using var held = Lock(path);
        var lines = Lines(Path.Combine(path, CurrentName)).Where(line => !line.EndsWith(' ' + store, StringComparison.Ordinal)).ToList();
        if (volume is { } id)
            lines.Add($"{id:D} {store}");
        Replace(Path.Combine(path, CurrentName), string.Concat(lines.Select(static line => line + "\n")));
    }

    /// <summary>The branch of a volume that is checked out.</summary>
    /// <returns>Null where none was.</returns>
    public string? ReadHead(Volume volume) => Lines(Path.Combine(FolderOf(volume), HeadName)).FirstOrDefault();

    /// <summary>The branch of a volume that is about to be checked out.</summary>
    /// <returns>Null where none is: as a rule.</returns>
    public string? ReadNextHead(Volume volume) => Lines(Path.Combine(FolderOf(volume), HeadName)).Skip(1).FirstOrDefault();

    /// <summary>Checks a branch out.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="branch">The branch.</param>
    /// <param name="next">The branch that is about to be checked out, so that whoever finds that can find out whether it was; null for none.</param>
    public void WriteHead(Volume volume, string branch, string? next = null)
    {
        VolumeNames.CheckBranch(branch);
        Replace(Path.Combine(FolderOf(volume), HeadName), next is null ? $"{branch}\n" : $"{branch}\n{next}\n");
    }

    /// <summary>The branch whose tree an archive is; null of any other archive.</summary>
    public string? BranchOf(Volume volume, string archive)
    {
        if (Path.GetDirectoryName(archive) != FolderOf(volume) || !archive.EndsWith(ArchiveExtension, StringComparison.Ordinal))
            return null;
        return Path.GetFileName(archive)[..^ArchiveExtension.Length].Replace('+', '/');
    }

    /// <summary>Where this machine's tree of a branch comes from.</summary>
    /// <returns>Null where it has none yet.</returns>
    public TreeOrigin? ReadOrigin(Volume volume, string branch)
    {
        var file = NameOf(volume, branch) + OriginExtension;
        var lines = Lines(file);
        if (lines.Length == 0)
            return null;
        var origin = new TreeOrigin(CommitOf(lines[0], file));
        foreach (var line in lines.AsSpan(1))
        {
            if (line.StartsWith(MergedWord, StringComparison.Ordinal))
                origin = origin with { Merged = CommitOf(line[MergedWord.Length..], file) };
            else
                origin = WithTarget(origin, line, file);
        }

        return origin;
    }

    /// <summary>Notes where this machine's tree of a branch comes from.</summary>
    public void WriteOrigin(Volume volume, string branch, TreeOrigin origin) =>
        Replace(NameOf(volume, branch) + OriginExtension, $"{origin.Base?.ToString() ?? Unborn}\n{(origin.Target is { } target ? $"{target} {origin.Begun}\n" : "")}{(origin.Merged is { } merged ? $"{MergedWord}{merged}\n" : "")}");

    /// <summary>Lets nobody else commit to, check out or reset what this machine has of a volume, until it is disposed. Waits for who does.</summary>
    public IDisposable Lock(Volume volume) => Lock(FolderOf(volume));

    /// <summary>The same, but does not wait; null where somebody else has it.</summary>
    public IDisposable? TryLock(Volume volume)
    {
        var file = OpenLock(FolderOf(volume));
        if (Locks.Flock(file, LockKind.Exclusive, wait: false))
            return file;
        file.Dispose();
        return null;
    }

    static FileDescriptor Lock(string folder)
    {
        var file = OpenLock(folder);
        _ = Locks.Flock(file, LockKind.Exclusive, wait: true);
        return file;
    }

    static FileDescriptor OpenLock(string folder)
    {
        Directory.CreateDirectory(folder);
        return PosixFile.Open(Path.Combine(folder, LockName), OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_NOFOLLOW, FileMode);
    }

    static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file, Encoding.UTF8);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }

    static TreeOrigin WithTarget(TreeOrigin origin, string line, string file)
    {
        var blank = line.IndexOf(' ', StringComparison.Ordinal);
        if (blank < 0 || !Timestamp.TryParse(line.AsSpan(blank + 1), out var begun))
            throw new FormatInvalidException($"'{line}' is no commit's name with a time behind it").In(file);
        return origin with { Target = CommitOf(line[..blank], file), Begun = begun };
    }

    static BlockHash? CommitOf(string line, string file)
    {
        if (line == Unborn)
            return null;
        return BlockHash.TryParse(line, out var commit) ? commit : throw new FormatInvalidException($"'{line}' is no commit's name").In(file);
    }

    void Replace(string file, string text)
    {
        var folder = Path.GetDirectoryName(file)!;
        Directory.CreateDirectory(folder);
        var made = $"{file}.{Guid.NewGuid():N}.part";
        using (var descriptor = PosixFile.Open(made, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, FileMode))
        {
            Change(WriteStep.Write, made, () => PosixFile.PwriteFully(descriptor, Encoding.UTF8.GetBytes(text), 0));
            Change(WriteStep.SyncFile, made, () => PosixFile.Fsync(descriptor));
        }

        Change(WriteStep.Rename, made, () => PosixFile.Rename(made, file));
        Change(WriteStep.SyncFolder, folder, () => PosixFile.SyncDirectory(folder));
    }

    void Change(WriteStep step, string file, Action change)
    {
        boundary?.Cross(step, file, isDone: false);
        change();
        boundary?.Cross(step, file, isDone: true);
    }

    string FolderOf(Volume volume) => Path.Combine(path, volume.Id.ToString("D"));

    string NameOf(Volume volume, string branch)
    {
        VolumeNames.CheckBranch(branch);
        return Path.Combine(FolderOf(volume), branch.Replace('/', '+'));
    }
}
