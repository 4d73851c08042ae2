using System.Buffers;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;
using Vt.Stores.DataDir.Reading;
using Vt.Stores.References;

namespace Vt.Stores.PackFile;

/// <summary>
/// A single pack file, <c>*.vtd</c>, as a store: for reading only, with the references that the file begins with. Where the file ends early or its table of
/// contents is damaged, what stands in whole frames is there. Thread-safe.
/// </summary>
public sealed class PackFileStore : IBlockStore, IBlockEnumeration, IRefStore, ICached
{
    const long CacheBytes = 32 << 20;

    readonly string _path;
    readonly PackHandle _handle;
    readonly PackFileIndex _index;
    readonly PackFileTop? _top;
    readonly FrameLoader _loader;
    readonly FrameCache _frames;
    int _isDisposed;

    PackFileStore(string path, PackHandle handle, PackFileIndex index, PackFileTop? top)
    {
        _path = path;
        _handle = handle;
        _index = index;
        _top = top;
        Hasher = HashAlgorithms.GetHasher(index.Header.Hash);
        _loader = new FrameLoader(Open);
        _frames = new FrameCache(_loader, CacheBytes);
    }

    /// <inheritdoc/>
    public string Description => $"store file {_path}";

    /// <summary>What is wrong with the file, as far as opening it told; null where nothing is.</summary>
    public string? Damage => _index.Damage;

    /// <inheritdoc/>
    public BlockHasher Hasher { get; }

    /// <inheritdoc/>
    public ChunkingParameters Chunking => _top?.Chunking ?? ChunkingParameters.Default;

    /// <summary>No: nobody vouches for whoever made the file.</summary>
    public bool IsComplete => false;

    /// <summary>How many blocks the file has.</summary>
    public long Blocks => _index.Count;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file, absolute.</param>
    /// <param name="cancellationToken">Stops a scan.</param>
    /// <exception cref="UserErrorException">It is not there, or no pack.</exception>
    /// <exception cref="StoreUnavailableException">It can't be read.</exception>
    public static PackFileStore Open(string path, CancellationToken cancellationToken = default)
    {
        var error = PosixFile.TryOpen(path, OpenFlags.O_RDONLY, 0, out var file);
        if (error is Errno.ENOENT or Errno.ENOTDIR)
            throw new UserErrorException($"{path}: there is no such file; vt pack makes one");
        if (error != Errno.OK)
            throw new StoreUnavailableException($"store file {path}", new PosixException(error, "open", path).Message, isTransient: false);
        return Open(path, file, path, cancellationToken);
    }

    /// <summary>Opens a file that is open.</summary>
    /// <param name="path">The path by which it can be mapped now.</param>
    /// <param name="file">The file, which becomes the store's.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="cancellationToken">Stops a scan.</param>
    internal static PackFileStore Open(string path, FileDescriptor file, string name, CancellationToken cancellationToken)
    {
        PackFileIndex? index = null;
        try
        {
            if (PosixFile.Fstat(file).Type != ModeBits.S_IFREG)
                throw new UserErrorException($"{name}: this is no file");
            index = PackFileIndex.Open(file, path, cancellationToken);
            return new PackFileStore(name, new PackHandle(index.Header.Id, name, file), index, ReadTop(file, name));
        }
        catch (Exception fault)
        {
            index?.Dispose();
            file.Dispose();

            // As what they mean to who asked for a store.
            throw fault switch
            {
                FormatInvalidException => new UserErrorException($"{name} is no store file that can be read: {fault.Message}", fault),
                PosixException => new StoreUnavailableException($"store file {name}", fault.Message, isTransient: false, fault),
                _ => fault,
            };
        }
    }

    /// <summary>What a file begins with, without looking further.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Null where it is a pack of some store's.</returns>
    /// <exception cref="FormatInvalidException">It is no pack, or its beginning is damaged.</exception>
    /// <exception cref="PosixException">It can't be read.</exception>
    public static PackFileTop? ReadTop(string path)
    {
        using var file = PosixFile.Open(path, OpenFlags.O_RDONLY);
        return ReadTop(file, path);
    }

    /// <inheritdoc/>
    public ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var locations = new BlockLocation[hashes.Length];
        _index.Find(hashes.Span, locations);
        for (var i = 0; i < hashes.Length; i++)
            present.Span[i] = !locations[i].IsNone;
        return default;
    }

    /// <inheritdoc/>
    public async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var locations = new BlockLocation[1];
        _index.Find([hash], locations);
        return locations[0].IsNone ? default : await ReadAsync(hash, locations[0], cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var locations = new BlockLocation[hashes.Length];
        _index.Find(hashes.Span, locations);

        // By place, so that each frame is read once however small the cache is.
        var order = Enumerable.Range(0, hashes.Length).Where(i => !locations[i].IsNone).OrderBy(i => locations[i].OffsetUnits).ToArray();
        blocks.Span[..hashes.Length].Clear();
        try
        {
            foreach (var i in order)
            {
                var lease = await ReadAsync(hashes.Span[i], locations[i], cancellationToken);
                blocks.Span[i] = lease;
            }
        }
        catch
        {
            foreach (var lease in blocks.Span[..hashes.Length])
                lease.Dispose();
            blocks.Span[..hashes.Length].Clear();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A name is of another algorithm, or a block is longer than any may be or outside the buffer.</exception>
    public ValueTask<AddCounts> AddManyAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        BlockBatch.Check(buffer.Length, blocks.Span, Hasher.Algorithm);
        throw ReadOnly();
    }

    /// <inheritdoc/>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return default;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<BlockHash> EnumerateAsync(BlockHash? after = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var all = _index.Enumerate();
        return (after is { } last ? all.SkipWhile(hash => hash.CompareTo(last) <= 0) : all).ToAsyncEnumerable();
    }

    /// <inheritdoc/>
    public ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        RefName.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<string?>(_top?.References.GetValueOrDefault(name));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<string> ListAsync(string prefix = "", CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return (_top?.References.Keys ?? []).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToAsyncEnumerable();
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryMoveAsync(string name, string? expected, string? value, string note, CancellationToken cancellationToken = default)
    {
        RefName.Check(name, value, note);
        throw ReadOnly();
    }

    /// <summary>One movement, to the value that there is, where there is one: a store file has no logs.</summary>
    public async IAsyncEnumerable<RefMovement> ReadLogAsync(
        string name, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (await ReadAsync(name, cancellationToken) is { } value)
            yield return new RefMovement(DateTimeOffset.UnixEpoch, value, "packed");
    }

    /// <inheritdoc/>
    public IEnumerable<CacheFigures> ReadCaches() => [_frames.Figures];

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _frames.Dispose();
            _loader.Dispose();
            _index.Dispose();
            _handle.Dispose();
        }

        return default;
    }

    static PackFileTop? ReadTop(FileDescriptor file, string path)
    {
        try
        {
            return PackFileTop.Read(PackFileIndex.ReadFirst(file, path));
        }
        catch (FormatInvalidException fault) when (fault.File is null)
        {
            throw fault.In(path);
        }
    }

    PackHandle Open(PackId pack)
    {
        _handle.Acquire();
        return _handle;
    }

    async ValueTask<BlockLease> ReadAsync(BlockHash hash, BlockLocation location, CancellationToken cancellationToken)
    {
        CachedFrame? frame = null;
        try
        {
            frame = await _frames.GetAsync(_index.Header.Id, location, location.Ordinal, cancellationToken);
            var ordinal = location.Ordinal;
            if (!frame.IsOf(ordinal, hash) || !frame.Has(ordinal))
                throw Corrupt(hash, location, "the frame has another block there");
            if (!frame.IsVerified(ordinal))
            {
                if (Hasher.Hash(frame.Memory(ordinal).Span) != hash)
                    throw Corrupt(hash, location, "its bytes have another hash");
                frame.SetVerified(ordinal);
            }

            var lease = new BlockLease(frame.Memory(ordinal), frame);
            frame = null;
            return lease;
        }
        catch (FormatInvalidException fault)
        {
            throw new BlockCorruptException(hash, $"{_path} at {location.Offset}", fault.What, fault);
        }
        catch (IOException failed)
        {
            throw new StoreUnavailableException(Description, failed.Message, isTransient: false, failed);
        }
        finally
        {
            frame?.Release();
        }
    }

    BlockCorruptException Corrupt(in BlockHash hash, in BlockLocation location, string what) => new(hash, $"{_path} at {location.Offset}", what);

    StoreUnavailableException ReadOnly() => new(Description, "a store file can only be read; vt unpack brings what is in it into a store that can be written", isTransient: false);
}
