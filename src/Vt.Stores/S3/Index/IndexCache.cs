using Vt.Posix;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.S3.Index;

/// <summary>
/// Local copies of index objects, in a folder that many processes share. A copy gets its name only when it is whole, every part of it has a checksum, and all of it may be
/// deleted at any time. Where nothing can be written there are no copies. Thread-safe.
/// </summary>
/// <param name="root">The folder of all stores' copies.</param>
/// <param name="store">The store.</param>
/// <param name="budget">How many bytes of copies stay, of all stores together, beside those in use.</param>
sealed class IndexCache(string root, PackId store, long budget)
{
    const uint FileMode = 0x180;
    const string TemporarySuffix = ".tmp";

    // A process that takes longer than this to write a copy has died.
    static readonly TimeSpan _abandoned = TimeSpan.FromHours(1);

    readonly string _folder = Path.Combine(root, store.ToString());

    /// <summary>The path of a copy.</summary>
    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Whether there is a copy of a certain length. It counts as used now.</summary>
    public bool Has(string name, long length)
    {
        try
        {
            var file = new FileInfo(PathOf(name));
            if (!file.Exists || file.Length != length)
                return false;
            file.LastWriteTimeUtc = TimeProvider.System.GetUtcNow().UtcDateTime;
            return true;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return File.Exists(PathOf(name));
        }
    }

    /// <summary>Keeps a copy.</summary>
    /// <returns>False where that can't be done.</returns>
    public bool TryWrite(string name, ReadOnlySpan<byte> bytes)
    {
        var temporary = NewTemporary(out var file);
        if (file is null)
            return false;
        try
        {
            using (file)
                PosixFile.PwriteFully(file, bytes, 0);
            PosixFile.Rename(temporary, PathOf(name));
            return true;
        }
        catch (IOException)
        {
            PosixFile.TryUnlink(temporary);
            return false;
        }
    }

    /// <summary>Makes a file that has no name of its own yet.</summary>
    /// <param name="file">The file, open; null where none can be made.</param>
    /// <returns>Its path.</returns>
    public string NewTemporary(out FileDescriptor? file)
    {
        var path = PathOf($"{PackId.Create()}{TemporarySuffix}");
        file = null;
        try
        {
            Directory.CreateDirectory(_folder);
            if (PosixFile.TryOpen(path, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, FileMode, out var made) == Errno.OK)
                file = made;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // Without copies, then.
        }

        return path;
    }

    /// <summary>Deletes a copy.</summary>
    public void Remove(string name) => PosixFile.TryUnlink(PathOf(name));

    /// <summary>Deletes the copies that were used longest ago, as many as are over the bound, and what dead processes left.</summary>
    /// <param name="inUse">Names of this store's copies that stay.</param>
    public void Trim(IReadOnlySet<string> inUse)
    {
        try
        {
            var now = TimeProvider.System.GetUtcNow().UtcDateTime;
            var files = new List<FileInfo>();
            foreach (var file in new DirectoryInfo(root).EnumerateFiles("*", SearchOption.AllDirectories))
            {
                if (file.Name.EndsWith(TemporarySuffix, StringComparison.Ordinal) && now - file.LastWriteTimeUtc > _abandoned)
                    PosixFile.TryUnlink(file.FullName);
                else if (S3Layout.TryParseIndexName(file.Name, out _, out _) && !(file.DirectoryName == _folder && inUse.Contains(file.Name)))
                    files.Add(file);
            }

            var total = files.Sum(static file => file.Length);
            foreach (var file in files.OrderBy(static file => file.LastWriteTimeUtc))
            {
                if (total <= budget)
                    break;
                total -= file.Length;
                PosixFile.TryUnlink(file.FullName);
            }
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // The next one tries again.
        }
    }
}
