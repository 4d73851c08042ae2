using System.Text;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir.Packs;
using Vt.Stores.DataDir.Refs;
using Vt.Stores.DataDir.Text;

namespace Vt.Stores.DataDir;

/// <summary>Making a DataDir, and what is done to its files before it is used.</summary>
static class DataDirFiles
{
    const uint FileMode = 0x1a4;
    const int LongestConfig = 64 << 10;

    /// <summary>
    /// Makes the folders and the config, which comes last and all at once: whoever finds a config finds a store. What somebody left who died on the way is finished.
    /// </summary>
    /// <exception cref="UserErrorException">There is a store already, one that has lost its config, or something else is in the way.</exception>
    /// <exception cref="IOException">It can't be made.</exception>
    public static void Make(DataDirLayout layout, DataDirConfig config)
    {
        config.Check();
        if (File.Exists(layout.Config))
            throw new UserErrorException($"{layout.Root} is a DataDir already");
        if (Directory.Exists(layout.Root) && Directory.EnumerateFileSystemEntries(layout.Root).Any(entry => !IsOurs(layout, entry)))
            throw new UserErrorException($"{layout.Root} is not empty and no DataDir; name a new or an empty folder");
        if (HasContent(layout))
            throw new UserErrorException($"{layout.Root} is a DataDir that has lost its file \"config\": vt-datadir(5) says under RECOVERY BY HAND how it is written anew; a new one would not fit what is there");
        foreach (var folder in (ReadOnlySpan<string>)[layout.Root, layout.Packs, layout.Refs, layout.Index])
            Directory.CreateDirectory(folder);
        using (PosixFile.Open(layout.Catalogue, OpenFlags.O_RDWR | OpenFlags.O_CREAT, FileMode))
        {
        }

        var fresh = $"{layout.Config}.{Guid.NewGuid():n}.new";
        using (var file = PosixFile.Open(fresh, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, FileMode))
        {
            PosixFile.PwriteFully(file, Encoding.UTF8.GetBytes(config.ToText()), 0);
            PosixFile.Fsync(file);
        }

        var made = PosixFile.TryRenameAt(
            FileDescriptor.CurrentDirectory, Encoding.UTF8.GetBytes(fresh), FileDescriptor.CurrentDirectory, Encoding.UTF8.GetBytes(layout.Config), PosixFile.RENAME_NOREPLACE);
        if (made != Errno.OK)
        {
            PosixFile.TryUnlink(fresh);
            throw made == Errno.EEXIST ? new UserErrorException($"{layout.Root} is a DataDir already") : new PosixException(made, "rename", layout.Config);
        }

        PosixFile.SyncDirectory(layout.Root);
        if (Path.GetDirectoryName(Path.GetFullPath(layout.Root)) is { } parent)
            PosixFile.SyncDirectory(parent);
    }

    /// <summary>Reads the config.</summary>
    /// <exception cref="UserErrorException">There is none.</exception>
    /// <exception cref="FormatInvalidException">It is damaged.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public static DataDirConfig ReadConfig(DataDirLayout layout)
    {
        var error = PosixFile.TryOpen(layout.Config, OpenFlags.O_RDONLY, 0, out var file);
        if (error is Errno.ENOENT or Errno.ENOTDIR)
            throw new UserErrorException($"{layout.Root} is no DataDir, since it has no file \"config\"; vt init makes one");
        if (error != 0)
            throw new PosixException(error, "open", layout.Config);
        using (file)
        {
            var bytes = new byte[LongestConfig];
            try
            {
                return DataDirConfig.Parse(bytes.AsSpan(0, PosixFile.PreadUpTo(file, bytes, 0)));
            }
            catch (FormatInvalidException fault)
            {
                throw fault.In(layout.Config);
            }
        }
    }

    /// <summary>Why nothing can be written; null where it can.</summary>
    public static string? WhyReadOnly(DataDirLayout layout)
    {
        var error = PosixFile.TryOpen(layout.Catalogue, OpenFlags.O_RDWR | OpenFlags.O_CREAT, FileMode, out var file);
        if (error is Errno.EROFS or Errno.EACCES or Errno.EPERM)
            return new PosixException(error, "open", layout.Catalogue).Message;
        if (error != 0)
            throw new PosixException(error, "open", layout.Catalogue);
        file.Dispose();
        return null;
    }

    /// <summary>Lists what is there and not in the catalogue: what an interrupted process left, or all where the catalogue is lost.</summary>
    public static void Adopt(DataDirLayout layout, Catalogue catalogue)
    {
        // The folders first: who makes something lists it before it gets its last name, or right after.
        var closed = PackListing.Read(layout).Closed;
        var refs = Directory.GetFiles(layout.Refs);
        var (packs, lengths, known) = catalogue.Read(static state =>
            (state.Packs.ToHashSet(), state.Closed.Keys.ToHashSet(), state.Refs.Keys.ToHashSet(StringComparer.Ordinal)));
        foreach (var pack in closed)
        {
            if (!packs.Contains(pack))
                catalogue.AppendPack(pack);
            if (!lengths.Contains(pack))
                catalogue.AppendClosed(pack, PosixFile.Stat(layout.ClosedPack(pack)).Size);
        }

        foreach (var path in refs)
        {
            if (RefFiles.NameOf(path) is { } name && !known.Contains(name) && PosixFile.Stat(path).Size is > 0 and var length)
                catalogue.AppendRef(name, length);
        }
    }

    // Before the config is there nobody has a store to put anything into.
    static bool HasContent(DataDirLayout layout) =>
        ((string[])[layout.Packs, layout.Refs]).Any(static folder => Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        || (File.Exists(layout.Catalogue) && new FileInfo(layout.Catalogue).Length > 0);

    static bool IsOurs(DataDirLayout layout, string entry) =>
        entry == layout.Packs || entry == layout.Refs || entry == layout.Index || entry == layout.Catalogue
        || entry.StartsWith(layout.Config + ".", StringComparison.Ordinal);
}
