using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.Chains;
using Vt.Stores.DataDir;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.Cache;

/// <summary>The files of a cache folder, and making them.</summary>
/// <param name="root">The folder, absolute.</param>
sealed class CacheFiles(string root)
{
    const uint FileMode = 0x1a4;

    /// <summary>The folder.</summary>
    public string Root => root;

    /// <summary>Where segments lie: pack files, <c>.open</c> while something in them is to be sent.</summary>
    public DataDirLayout Layout { get; } = new(root);

    /// <summary>What blocks are named by and how they are cut: a DataDir's config, under another name.</summary>
    public string Config => Path.Combine(root, "cache");

    /// <summary>The name of the store that the cache stands before.</summary>
    public string Behind => Path.Combine(root, "behind");

    /// <summary>The table.</summary>
    public string Table => Path.Combine(root, "table");

    /// <summary>Whoever changes the table or a segment holds this file's lock.</summary>
    public string Lock => Path.Combine(root, "lock");

    /// <summary>Whoever sends holds this file's lock.</summary>
    public string Sending => Path.Combine(root, "sending");

    /// <summary>Whoever moves a reference holds this file's lock.</summary>
    public string Moving => Path.Combine(root, "moving");

    /// <summary>Movements of references that are to be sent.</summary>
    public string Moves => Path.Combine(root, "moves");

    /// <summary>The folder of what references of the store behind were last seen to be.</summary>
    public string Known => Path.Combine(root, "known");

    /// <summary>What the folder was made for; null where there is none yet.</summary>
    /// <exception cref="UserErrorException">The file is damaged.</exception>
    public DataDirConfig? ReadConfig()
    {
        try
        {
            return File.Exists(Config) ? DataDirConfig.Parse(File.ReadAllBytes(Config)) : null;
        }
        catch (FormatInvalidException fault)
        {
            throw new UserErrorException($"{Config}: {fault.Message}; vt cache clear makes the cache anew", fault);
        }
    }

    /// <summary>What blocks were named by and how they were cut; null where there is no cache yet.</summary>
    public StoreIdentity? ReadIdentity() => ReadConfig() is { } config ? new StoreIdentity(HashAlgorithms.GetHasher(config.Hash), config.Chunking) : null;

    /// <summary>The name of the store behind; null where there is none.</summary>
    public string? ReadBehind() => File.Exists(Behind) ? File.ReadAllText(Behind).TrimEnd('\n') : null;

    /// <summary>Whether nothing can wait here to be sent; false where nobody can tell.</summary>
    public bool IsEmpty()
    {
        var error = PosixFile.TryStat(Moves, out var moves);
        if (error is not (Errno.OK or Errno.ENOENT or Errno.ENOTDIR) || (error == Errno.OK && moves.Size > 0))
            return false;
        try
        {
            return !Directory.EnumerateFiles(Layout.Packs, "*" + DataDirLayout.OpenSuffix).Any();
        }
        catch (IOException fault) when (fault is DirectoryNotFoundException || !Directory.Exists(Layout.Packs))
        {
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Makes what is missing. Under the lock.</summary>
    public DataDirConfig Make(StoreIdentity identity)
    {
        Directory.CreateDirectory(Layout.Packs);
        if (ReadConfig() is { } known)
            return known;
        var config = new DataDirConfig { Hash = identity.Hasher.Algorithm, Chunking = identity.Chunking };
        Replace(Config, config.ToText());
        return config;
    }

    /// <summary>Notes the name of the store behind. Under the lock.</summary>
    public void WriteBehind(string name) => Replace(Behind, name + "\n");

    /// <summary>Maps the table, making it where there is none that is whole. Under the lock.</summary>
    public CacheTable OpenTable(long bytes)
    {
        using (var known = TryOpenTable())
        {
            if (known is not null && TryMap(known) is { } table)
                return table;
        }

        // Others may have an older one mapped: it is never shortened, only replaced.
        var fresh = Table + ".new";
        PosixFile.TryUnlink(fresh);
        var length = CacheTable.LengthFor(bytes);
        using (var file = PosixFile.Open(fresh, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, FileMode))
        {
            // Allocated, since a full disk would otherwise kill who writes to the map.
            PosixFile.Fallocate(file, 0, 0, length);
            var table = new CacheTable(new MemoryMap(file, 0, length, writable: true));
            table.State.NextSegment = 1;
            table.State.IsMade = true;
            PosixFile.Rename(fresh, Table);
            return table;
        }
    }

    /// <summary>A file for locks.</summary>
    public static FileDescriptor OpenLock(string path) => PosixFile.Open(path, OpenFlags.O_RDWR | OpenFlags.O_CREAT, FileMode);

    /// <summary>The name of a segment's file and the start of its checksums.</summary>
    public static PackId IdOf(ulong cache, uint segment) => new(cache, segment);

    /// <summary>What all names of the cache's segments start with.</summary>
    public static ulong PrefixOf(DataDirConfig config) => config.StoreId.High;

    FileDescriptor? TryOpenTable() => PosixFile.TryOpen(Table, OpenFlags.O_RDWR, 0, out var file) == Errno.OK ? file : null;

    static CacheTable? TryMap(FileDescriptor file)
    {
        var length = PosixFile.Fstat(file).Size;
        if (length < CacheState.Size + CacheTable.BucketSize || (length - CacheState.Size) % CacheTable.BucketSize != 0)
            return null;
        var table = new CacheTable(new MemoryMap(file, 0, length, writable: true));
        if (table.State.IsMade)
            return table;
        table.Dispose();
        return null;
    }

    static void Replace(string path, string text)
    {
        using (var file = PosixFile.Open(path + ".new", OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_TRUNC, FileMode))
        {
            PosixFile.PwriteFully(file, Encoding.UTF8.GetBytes(text), 0);
            PosixFile.Fsync(file);
        }

        PosixFile.Rename(path + ".new", path);
        PosixFile.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
