using System.Text.Json;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.Http;
using Vt.Stores.References;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Packing;
using Vt.Volumes.Branches;

namespace Vt.Hosts.StaticExport;

/// <summary>
/// Writes a store, or a part of it, as a folder of plain files that any server on the web can hand out: a file for each block, one for the references, and a
/// manifest. An export into a folder that has one already writes what is new. One at a time per folder; not thread-safe.
/// </summary>
/// <remarks>
/// While an export is under way the folder has a mark. Where one is found, the one before was broken off: the files that are there are checked then, and none
/// is taken to have all that is below it. Blocks come before references, references before the manifest, and all of it is durable before the mark goes.
/// </remarks>
public sealed class StaticExporter : IDisposable
{
    const string MarkName = ".vt-unfinished";
    const string LockName = ".vt-lock";
    const int BlocksAtOnce = 64;
    const uint AnyWrite = 0x92;
    const uint TreeMode = 0x124;

    readonly IBlockStore _store;
    readonly DirectoryReader _directories;
    readonly string _folder;
    readonly FileStream _lock;
    readonly bool _isUnfinished;
    readonly NeededBlocks _needed;
    readonly Dictionary<string, string> _references;

    StaticExporter(IBlockStore store, string folder, FileStream held)
    {
        _store = store;
        _directories = new DirectoryReader(store, new DirectoryNodeCache());
        _folder = folder;
        _lock = held;
        _isUnfinished = File.Exists(PathOf(MarkName));
        _needed = new NeededBlocks(_directories, IsThere);
        _references = ReadReferences();
    }

    /// <summary>How many blocks were written.</summary>
    public long Blocks { get; private set; }

    /// <summary>How many bytes they have.</summary>
    public long Bytes { get; private set; }

    /// <summary>Begins an export.</summary>
    /// <param name="store">What is exported; not disposed.</param>
    /// <param name="folder">The folder, absolute; it is made.</param>
    /// <exception cref="UserErrorException">Something else is there, or another export is under way.</exception>
    public static StaticExporter Open(IBlockStore store, string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var manifest = Path.Combine(folder, HttpWire.ManifestName);
            if (File.Exists(manifest))
                CheckManifest(manifest, store);
            else if (Directory.EnumerateFileSystemEntries(folder).Any(static entry => Path.GetFileName(entry) is not (MarkName or LockName or HttpWire.BlocksFolder or HttpWire.ReferencesName)))
                throw new UserErrorException($"{folder}: there is something else in it than an exported store; name an empty folder");
            return new StaticExporter(store, folder, new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{folder}: can't be exported to, or another export is under way: {fault.Message}", fault);
        }
    }

    /// <summary>Takes along a tree, under a reference <c>trees/NAME</c>, or none.</summary>
    /// <param name="root">The tree, with its inode table.</param>
    /// <param name="name">The name; characters that no reference has become underscores.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task AddTreeAsync(Dirent root, string? name, CancellationToken cancellationToken = default)
    {
        await _needed.AddTreeAsync(root, cancellationToken);
        if (name is not null)
            AddReference($"trees/{Sanitise(name)}", root.ToString());
    }

    /// <summary>Takes along a volume with its branches, its tags and all their history.</summary>
    public async Task AddVolumeAsync(Volume volume, CancellationToken cancellationToken = default)
    {
        var references = (IRefStore)_store;
        var waiting = new Stack<BlockHash>();
        foreach (var prefix in (string[])[$"volume/{volume.Id:D}/branches/", $"volume/{volume.Id:D}/tags/"])
        {
            await foreach (var name in references.ListAsync(prefix, cancellationToken))
            {
                if (await references.ReadAsync(name, cancellationToken) is not { } value)
                    continue;
                AddReference(name, value);
                if (BlockHash.TryParse(value, out var commit))
                    waiting.Push(commit);
            }
        }

        while (waiting.TryPop(out var id))
        {
            if (!_needed.TryAddTree(id))
                continue;
            var commit = await volume.Commits.ReadAsync(id, cancellationToken);
            await _needed.AddTreeAsync(commit.Root, cancellationToken);
            foreach (var parent in commit.Parents)
                waiting.Push(parent);
        }

        AddReference($"volumes/{volume.Name}", volume.Id.ToString("D"));
    }

    /// <summary>Takes along a reference.</summary>
    public void AddReference(string name, string value)
    {
        RefName.Check(name, value, "");
        _references[name] = value;
    }

    /// <summary>Takes along every block that the store has, and every reference.</summary>
    public async Task AddAllAsync(CancellationToken cancellationToken = default)
    {
        if (_store is not IBlockEnumeration listing)
            throw new UserErrorException($"{_store.Description} can't list its blocks; say which trees are to be exported");
        await foreach (var hash in listing.EnumerateAsync(cancellationToken: cancellationToken))
            _needed.Add(hash);
        if (_store is not IRefStore references)
            return;
        await foreach (var name in references.ListAsync(cancellationToken: cancellationToken))
        {
            if (await references.ReadAsync(name, cancellationToken) is { } value)
                AddReference(name, value);
        }
    }

    /// <summary>Writes what was taken along.</summary>
    /// <exception cref="BlockMissingException">The store does not have a block that is needed; what was exported before is as it was.</exception>
    public async Task WriteAsync(CancellationToken cancellationToken = default)
    {
        if (!_isUnfinished)
            WriteWhole(MarkName, []);
        PosixFile.SyncDirectory(_folder);
        var leases = new BlockLease[BlocksAtOnce];
        foreach (var part in _needed.Needed.Chunk(BlocksAtOnce))
        {
            await _store.GetManyAsync(part, leases.AsMemory(0, part.Length), cancellationToken);
            try
            {
                for (var i = 0; i < part.Length; i++)
                    WriteBlock(part[i], leases[i]);
            }
            finally
            {
                foreach (var lease in leases.AsSpan(0, part.Length))
                    lease.Dispose();
            }
        }

        MarkTrees();
        Sync();
        WriteWhole(HttpWire.ReferencesName, JsonSerializer.SerializeToUtf8Bytes(new SortedDictionary<string, string>(_references, StringComparer.Ordinal).ToDictionary(), HttpStoreJson.Default.DictionaryStringString));
        var manifest = new StaticManifest(
            StaticManifest.Version, HashAlgorithms.NameOf(_store.Hasher.Algorithm), ChunkingInfo.Of(_store.Chunking), StaticManifest.Layouts, HttpWire.ReferencesName);
        WriteWhole(HttpWire.ManifestName, JsonSerializer.SerializeToUtf8Bytes(manifest, HttpStoreJson.Default.StaticManifest));
        Sync();
        File.Delete(PathOf(MarkName));
        PosixFile.SyncDirectory(_folder);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    static void CheckManifest(string path, IBlockStore store)
    {
        StaticManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(File.ReadAllBytes(path), HttpStoreJson.Default.StaticManifest);
        }
        catch (JsonException fault)
        {
            throw new UserErrorException($"{path}: this is no manifest of an exported store: {fault.Message}", fault);
        }

        if (manifest is not { Format: StaticManifest.Version, Layout: StaticManifest.Layouts, References: HttpWire.ReferencesName })
            throw new UserErrorException($"{path}: the store was exported in a form that this program does not write");
        if (manifest.Hash != HashAlgorithms.NameOf(store.Hasher.Algorithm))
            throw new UserErrorException($"{path}: what was exported there is named by {manifest.Hash}, and {store.Description} by {HashAlgorithms.NameOf(store.Hasher.Algorithm)}");
    }

    Dictionary<string, string> ReadReferences()
    {
        var path = PathOf(HttpWire.ReferencesName);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), HttpStoreJson.Default.DictionaryStringString) ?? [] : [];
        }
        catch (JsonException fault)
        {
            throw new UserErrorException($"{path}: the references can't be read: {fault.Message}; remove the file, and export again all that it had", fault);
        }
    }

    // Nobody may write to the file of a block that is there with all that is below it. Where an export was broken off that is not known of any.
    bool IsThere(BlockHash hash, bool asTree) =>
        !_isUnfinished && PosixFile.TryStat(PathOf(HttpWire.PathOf(hash)), out var status) == Errno.OK && (!asTree || (status.Permissions & AnyWrite) == 0);

    void MarkTrees()
    {
        foreach (var hash in _needed.Trees)
            _ = Ownership.TryChmodAt(FileDescriptor.CurrentDirectory, LosslessText.ToBytes(PathOf(HttpWire.PathOf(hash))), TreeMode);
    }

    void WriteBlock(in BlockHash hash, in BlockLease block)
    {
        if (!block.IsPresent)
            throw new BlockMissingException(hash, _store.Description);
        var name = HttpWire.PathOf(hash);
        if (_isUnfinished && IsSound(PathOf(name), hash))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        WriteWhole(name, block.Span);
        Blocks++;
        Bytes += block.Memory.Length;
    }

    bool IsSound(string path, in BlockHash hash) => File.Exists(path) && new FileInfo(path).Length <= HttpWire.LargestBlock && _store.Hasher.Hash(File.ReadAllBytes(path)) == hash;

    void WriteWhole(string name, ReadOnlySpan<byte> bytes)
    {
        var path = PathOf(name);
        var temporary = path + ".tmp";
        try
        {
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
        }
        catch (IOException fault)
        {
            throw new UserErrorException($"{path}: can't be written: {fault.Message}", fault);
        }
    }

    void Sync()
    {
        using var folder = PosixFile.Open(_folder, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        PosixFile.Syncfs(folder);
    }

    static string Sanitise(string name)
    {
        var clean = string.Concat(name.Trim('/', '.').Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@' or '+' ? c : '_'));
        return clean.Length switch
        {
            0 => "tree",
            > 200 => clean[..200],
            _ => clean,
        };
    }

    string PathOf(string name) => Path.Combine(_folder, name);
}
