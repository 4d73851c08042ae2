using System.Net;
using System.Runtime.CompilerServices;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.References;

namespace Vt.Stores.Http;

/// <summary>
/// An exported store behind any server of files: a request for each block, several at once, each block checked against its name. For reading only; of
/// references only the values are there. Thread-safe.
/// </summary>
public sealed class StaticHttpStore : IBlockStore, IRefStore
{
    const int LargestReferences = 64 << 20;

    readonly HttpConnection _connection;
    readonly string _references;

    internal StaticHttpStore(HttpConnection connection, StaticManifest manifest)
    {
        _connection = connection;
        if (manifest.Format != StaticManifest.Version || manifest.Layout != StaticManifest.Layouts)
            throw connection.Strange($"the store was exported in form {manifest.Format} with blocks at '{manifest.Layout}', which this program does not know");
        if (manifest is not { Hash: not null, Chunking: not null })
            throw connection.Strange("the manifest says nothing of hashes or of cutting");
        if (!HashAlgorithms.TryParseName(manifest.Hash, out var algorithm))
            throw connection.Strange($"its hash algorithm '{manifest.Hash}' is not known");
        if (manifest.References is not { Length: > 0 } references || references.Contains("..", StringComparison.Ordinal) || references[0] == '/' || references.Contains(':', StringComparison.Ordinal))
            throw connection.Strange($"its references are at '{manifest.References}'");
        _references = references;
        Hasher = HashAlgorithms.GetHasher(algorithm);
        try
        {
            Chunking = manifest.Chunking.ToParameters();
        }
        catch (FormatInvalidException fault)
        {
            throw connection.Strange(fault.What, fault);
        }
    }

    /// <inheritdoc/>
    public string Description => _connection.Description;

    /// <inheritdoc/>
    public BlockHasher Hasher { get; }

    /// <inheritdoc/>
    public ChunkingParameters Chunking { get; }

    /// <summary>No: an export may be under way, and whoever copies one may have copied half.</summary>
    public bool IsComplete => false;

    /// <inheritdoc/>
    public async ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await ForEachAsync(
            hashes.Length,
            async (i, token) =>
            {
                var hash = hashes.Span[i];
                var isThere = hash.Algorithm == Hasher.Algorithm && await _connection.CallAsync(
                    () => new HttpRequestMessage(HttpMethod.Head, HttpWire.PathOf(hash)),
                    static (response, _) => new ValueTask<bool>(response.StatusCode == HttpStatusCode.OK),
                    IsAbsence,
                    token);
                present.Span[i] = isThere;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (hash.Algorithm != Hasher.Algorithm)
            return default;
        return await _connection.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, HttpWire.PathOf(hash)),
            async (response, attempt) => IsAbsence(response.StatusCode) ? default : await ReadAsync(hash, response, attempt),
            IsAbsence,
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        blocks.Span[..hashes.Length].Clear();
        try
        {
            await ForEachAsync(
                hashes.Length,
                async (i, token) =>
                {
                    var block = await GetAsync(hashes.Span[i], token);
                    blocks.Span[i] = block;
                },
                cancellationToken);
        }
        catch
        {
            for (var i = 0; i < hashes.Length; i++)
            {
                blocks.Span[i].Dispose();
                blocks.Span[i] = default;
            }

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
    public async ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        RefName.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        return (await ReadReferencesAsync(cancellationToken)).GetValueOrDefault(name);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var names = (await ReadReferencesAsync(cancellationToken)).Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
        Array.Sort(names, StringComparer.Ordinal);
        foreach (var name in names)
            yield return name;
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryMoveAsync(string name, string? expected, string? value, string note, CancellationToken cancellationToken = default)
    {
        RefName.Check(name, value, note);
        throw ReadOnly();
    }

    /// <summary>One movement, to the value that there is, where there is one: an export has no log.</summary>
    public async IAsyncEnumerable<RefMovement> ReadLogAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (await ReadAsync(name, cancellationToken) is { } value)
            yield return new RefMovement(DateTimeOffset.UnixEpoch, value, "exported");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return default;
    }

    async ValueTask<BlockLease> ReadAsync(BlockHash hash, HttpResponseMessage response, HttpAttempt attempt)
    {
        if (response.Content.Headers.ContentLength is not { } length)
            throw _connection.Strange($"block {hash.ToShortString()} comes without a length");
        if (length > HttpWire.LargestBlock)
            throw new BlockCorruptException(hash, Description, $"it has {length} bytes, and no block more than {HttpWire.LargestBlock}");
        await using var body = await response.Content.ReadAsStreamAsync(attempt.Token);
        var block = new PooledBlock((int)length);
        try
        {
            await attempt.FillAsync(body, block.Memory);
            if (Hasher.Hash(block.Memory.Span) != hash)
                throw new BlockCorruptException(hash, Description, $"the {length} bytes that came have another hash");
            return block.Lend();
        }
        catch
        {
            block.Release();
            throw;
        }
    }

    // Asked for each time: an export may have been made meanwhile, and what stood for a tree then may stand for another now.
    async Task<Dictionary<string, string>> ReadReferencesAsync(CancellationToken cancellationToken)
    {
        var references = await _connection.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, _references), HttpStoreJson.Default.DictionaryStringString, LargestReferences, cancellationToken);
        foreach (var (name, value) in references)
        {
            if (!RefName.IsValid(name) || value is null)
                throw _connection.Strange($"'{name}' is no name of a reference, or has no value");
        }

        return references;
    }

    Task ForEachAsync(int count, Func<int, CancellationToken, ValueTask> body, CancellationToken cancellationToken) => count == 1
        ? body(0, cancellationToken).AsTask()
        : Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = _connection.Parallel, CancellationToken = cancellationToken }, body);

    StoreUnavailableException ReadOnly() => new(Description, "it is an exported store, which can only be read; write to the store itself and export it again");

    static bool IsAbsence(HttpStatusCode status) => status is HttpStatusCode.NotFound or HttpStatusCode.Gone;
}
