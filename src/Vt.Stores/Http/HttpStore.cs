using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Http;

/// <summary>
/// The store behind a server of vt's (<c>vt httpd</c>). Every block is checked against its name here, whatever the server is. Calls that fail for reasons
/// that pass are made again. Thread-safe.
/// </summary>
/// <remarks>
/// What was added and not flushed is kept here too, at most some 32 MiB of it, and sent again where the server was started anew meanwhile; of blocks that were said to be there some hundred
/// thousand names, which are asked about again. A block that is sent again after its answer was lost counts as known and not as new. Memory besides: what is asked for, and 16 MiB for each
/// add under way.
/// </remarks>
public sealed partial class HttpStore : IBlockStore, IBlockEnumeration, IRefStore
{
    // A request's worth of blocks of 32 KiB is some 8 MiB.
    const int BlocksAtOnce = 256;

    readonly HttpConnection _connection;
    readonly StoreInfo _info;
    readonly bool _isReadOnly;

    internal HttpStore(HttpConnection connection, StoreInfo info, string instance, bool isReadOnly)
    {
        _connection = connection;
        _info = info;
        _isReadOnly = isReadOnly;
        _instance = instance;
        if (info.Protocol != HttpWire.Protocol)
            throw connection.Strange($"it speaks version {info.Protocol} of the protocol, and this program {HttpWire.Protocol}");
        if (info is not { Hash: not null, Chunking: not null })
            throw connection.Strange("it says nothing of hashes or of cutting");
        if (!HashAlgorithms.TryParseName(info.Hash, out var algorithm))
            throw connection.Strange($"its hash algorithm '{info.Hash}' is not known");
        Hasher = HashAlgorithms.GetHasher(algorithm);
        try
        {
            Chunking = info.Chunking.ToParameters();
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

    /// <inheritdoc/>
    public bool IsComplete => _info.IsComplete;

    /// <inheritdoc/>
    public bool IsDistant => true;

    /// <inheritdoc/>
    public async ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // A server that nobody may write to says of nothing that it is there before that is durable. Where no flush succeeds any more there is nothing to note for one.
        await AskManyAsync(hashes, present, isCountedOn: _info.IsWritable && _lost is null, cancellationToken);
        if (_counted.Count > MostCounted && _lost is null)
            await FlushAsync(cancellationToken);
    }

    async ValueTask AskManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, bool isCountedOn, CancellationToken cancellationToken)
    {
        for (var at = 0; at < hashes.Length; at += HttpWire.MostHashes)
        {
            var part = hashes.Slice(at, Math.Min(HttpWire.MostHashes, hashes.Length - at));
            var places = new List<int>(part.Length);
            var asked = Encode(part.Span, places);
            present.Span.Slice(at, part.Length).Clear();
            if (places.Count == 0)
                continue;
            var (answer, instance) = await AskAsync(asked, places.Count, cancellationToken);
            var there = new List<BlockHash>();
            for (var i = 0; i < answer.Length; i++)
            {
                if (!(present.Span[at + places[i]] = IsYes(answer[i])))
                    continue;
                there.Add(part.Span[places[i]]);
            }

            if (isCountedOn && there.Count > 0)
                _counted.Note(there, instance);
        }
    }

    bool IsYes(byte answer) => answer switch { 0 => false, 1 => true, _ => throw _connection.Strange($"{answer} is neither yes nor no") };

    // A server that was started anew has lost what was added and not flushed: it is given that again before its word counts that something is not there.
    async ValueTask<(byte[] Answer, string Instance)> AskAsync(ReadOnlyMemory<byte> asked, int count, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            var (answer, instance) = await AskOnceAsync(asked, count, cancellationToken);
            if (!answer.Contains((byte)0) || !await RestoreAsync(instance, tries, cancellationToken))
                return (answer, instance);
        }
    }

    Task<(byte[] Answer, string Instance)> AskOnceAsync(ReadOnlyMemory<byte> asked, int count, CancellationToken cancellationToken) => _connection.CallAsync(
        () => Post("contains", asked), async (response, attempt) => (await ReadExactlyAsync(response, attempt, count), InstanceOf(response)), null, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        var one = new BlockLease[1];
        await GetManyAsync(new[] { hash }, one, cancellationToken);
        return one[0];
    }

    /// <inheritdoc/>
    public async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        blocks.Span[..hashes.Length].Clear();
        try
        {
            if (hashes.Length <= BlocksAtOnce)
            {
                await GetRestoredAsync(hashes, blocks, cancellationToken);
                return;
            }

            var parts = Enumerable.Range(0, (hashes.Length + BlocksAtOnce - 1) / BlocksAtOnce);
            await Parallel.ForEachAsync(parts, new ParallelOptions { MaxDegreeOfParallelism = _connection.Parallel, CancellationToken = cancellationToken }, async (part, token) =>
            {
                var at = part * BlocksAtOnce;
                var length = Math.Min(BlocksAtOnce, hashes.Length - at);
                await GetRestoredAsync(hashes.Slice(at, length), blocks.Slice(at, length), token);
            });
        }
        catch
        {
            Release(blocks.Span[..hashes.Length]);
            throw;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlockHash> EnumerateAsync(BlockHash? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        for (var more = true; more;)
        {
            var last = after;
            var page = await _connection.CallAsync(
                () => new HttpRequestMessage(HttpMethod.Get, $"{HttpWire.Prefix}list{(last is { } from ? $"?after={from}" : "")}"),
                async (response, attempt) =>
                {
                    await using var body = await response.Content.ReadAsStreamAsync(attempt.Token);
                    return await attempt.ReadAllAsync(body, (HttpWire.ListPage * HttpWire.HashLength) + 1);
                },
                null,
                cancellationToken);

            // The last byte tells a listing's end from an answer that was cut short.
            if (page.Length % HttpWire.HashLength != 1 || page[^1] > 1 || (page is [1]))
                throw _connection.Strange($"a listing has {page.Length} bytes");
            more = page[^1] == 1;
            for (var at = 0; at + 1 < page.Length; at += HttpWire.HashLength)
            {
                var hash = Decode(page.AsSpan(at, HttpWire.HashLength));
                if (after is { } before && hash <= before)
                    throw _connection.Strange("a listing is not in order");
                yield return hash;
                after = hash;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        _unflushed.Dispose();
        _flushing.Dispose();
        return default;
    }

    /// <summary>Which run of the server an answer comes from; empty where it doesn't say.</summary>
    internal static string InstanceOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues(HttpWire.InstanceHeader, out var values) ? values.FirstOrDefault("") : "";

    async ValueTask GetRestoredAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            var instance = await GetPartAsync(hashes, blocks, cancellationToken);
            if (instance is null || AreAllThere(blocks.Span[..hashes.Length]) || !await RestoreAsync(instance, tries, cancellationToken))
                return;
            Release(blocks.Span[..hashes.Length]);
        }
    }

    // Gives the run of the server that answered; null where there was nothing to ask.
    async ValueTask<string?> GetPartAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken)
    {
        var places = new List<int>(hashes.Length);
        var asked = Encode(hashes.Span, places);
        if (places.Count == 0)
            return null;

        // What came before an attempt broke off is kept, and only the rest is asked for again.
        var done = 0;
        return await _connection.CallAsync(
            () => Post("get", asked.AsMemory(done * HttpWire.HashLength)),
            async (response, attempt) =>
            {
                await using var body = await response.Content.ReadAsStreamAsync(attempt.Token);
                for (; done < places.Count; done++)
                {
                    var block = await ReadBlockAsync(body, hashes.Span[places[done]], attempt);
                    blocks.Span[places[done]] = block;
                    attempt.HasGained = true;
                }

                return InstanceOf(response);
            },
            null,
            cancellationToken);
    }

    async ValueTask<BlockLease> ReadBlockAsync(Stream body, BlockHash hash, HttpAttempt attempt)
    {
        var header = new byte[HttpWire.AnswerHeaderLength];
        await attempt.FillAsync(body, header);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(1));
        switch ((BlockAnswer)header[0])
        {
            case BlockAnswer.Absent when length == 0:
                return default;
            case BlockAnswer.Present when length <= HttpWire.LargestBlock:
                return await ReadBytesAsync(body, hash, (int)length, attempt);
            case BlockAnswer.Failed when length <= HttpWire.LargestText:
                var text = new byte[length];
                await attempt.FillAsync(body, text);
                throw HttpProblem.TryParse(text)?.ToException(Description) ?? _connection.Strange("a failure can't be read");
            default:
                throw _connection.Strange($"block {hash.ToShortString()} is announced by {header[0]} and {length} bytes");
        }
    }

    async ValueTask<BlockLease> ReadBytesAsync(Stream body, BlockHash hash, int length, HttpAttempt attempt)
    {
        var block = new PooledBlock(length);
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

    // The names that the store can have, as they go over the wire, and which of those asked for they are.
    byte[] Encode(ReadOnlySpan<BlockHash> hashes, List<int> places)
    {
        using var writer = new ByteWriter(hashes.Length * HttpWire.HashLength);
        for (var i = 0; i < hashes.Length; i++)
        {
            if (hashes[i].Algorithm != Hasher.Algorithm)
                continue;
            places.Add(i);
            writer.WriteHash(hashes[i]);
        }

        return writer.Written.ToArray();
    }

    BlockHash Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes[0] != (byte)Hasher.Algorithm)
            throw _connection.Strange($"a name is of hash algorithm {bytes[0]}");
        return new BlockHash(Hasher.Algorithm, bytes[1..]);
    }

    static HttpRequestMessage Post(string call, ReadOnlyMemory<byte> body) => new(HttpMethod.Post, HttpWire.Prefix + call)
    {
        Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(HttpWire.BinaryType) } },
    };

    static async ValueTask<byte[]> ReadExactlyAsync(HttpResponseMessage response, HttpAttempt attempt, int length)
    {
        await using var body = await response.Content.ReadAsStreamAsync(attempt.Token);
        var bytes = await attempt.ReadAllAsync(body, length);
        return bytes.Length == length ? bytes : throw new EndOfStreamException("the answer ends too early");
    }

    static bool AreAllThere(ReadOnlySpan<BlockLease> blocks)
    {
        foreach (ref readonly var block in blocks)
        {
            if (!block.IsPresent)
                return false;
        }

        return true;
    }

    static void Release(Span<BlockLease> blocks)
    {
        foreach (ref var block in blocks)
        {
            block.Dispose();
            block = default;
        }
    }
}
