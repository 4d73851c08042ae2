using System.Text.Json;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.Http;

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
    readonly string _folder;
    readonly FileStream _lock;
    readonly bool _isUnfinished;

    StaticExporter(IBlockStore store, string folder, FileStream held)
    {
        _store = store;
        _folder = folder;
        _lock = held;
        _isUnfinished = File.Exists(PathOf(MarkName));
        Selection = new StoreSelection(store, IsThere, ReadReferences());
    }

    /// <summary>What is to be written.</summary>
    public StoreSelection Selection { get; }

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
            if (File.Exists(folder))
                throw new UserErrorException($"{folder}: this is a file; name a folder", fault);
            throw new UserErrorException(
                fault is IOException && File.Exists(Path.Combine(folder, LockName)) ? $"{folder}: another export is under way there, or nothing can be written: {fault.Message}" : $"{folder}: can't be exported to: {fault.Message}",
                fault);
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
        foreach (var part in Selection.Blocks.Chunk(BlocksAtOnce))
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
        WriteWhole(HttpWire.ReferencesName, JsonSerializer.SerializeToUtf8Bytes(new SortedDictionary<string, string>(Selection.References.ToDictionary(), StringComparer.Ordinal).ToDictionary(), HttpStoreJson.Default.DictionaryStringString));
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
        foreach (var hash in Selection.Trees)
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

    string PathOf(string name) => Path.Combine(_folder, name);
}
