using System.Buffers;
using System.Buffers.Binary;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Http;

public sealed partial class HttpStore
{
    const int MostUnflushed = 32 << 20;

    // 10 MiB of names.
    const int MostCounted = 1 << 18;
    const int RequestBytes = 8 << 20;

    // Asking first costs a round trip, which few bytes are not worth.
    const int WorthAsking = 64 << 10;
    const int MostRestarts = 8;
    const string NoInstance = "none";

    readonly UnflushedAdds _unflushed = new();
    readonly CountedBlocks _counted = new();

    // Why nothing more can be written: the server has lost what it had said to have.
    volatile StoreUnavailableException? _lost;

    // One at a time sends again what a server has lost.
    readonly SemaphoreSlim _flushing = new(1, 1);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A name is of another algorithm, or a block is longer than any may be or outside the buffer.</exception>
    public async ValueTask<AddCounts> AddManyAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        BlockBatch.Check(buffer.Length, blocks.Span, Hasher.Algorithm);
        RequireWritable();
        ThrowIfLost();
        var counts = default(AddCounts);
        for (var at = 0; at < blocks.Length;)
        {
            var (count, bytes) = Measure(blocks.Span[at..]);
            counts += await AddPartAsync(buffer, blocks.Slice(at, count), bytes, cancellationToken);
            at += count;
            if (_unflushed.Bytes > MostUnflushed)
                await FlushAsync(cancellationToken);
        }

        return counts;
    }

    /// <inheritdoc/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfLost();
        await _flushing.WaitAsync(cancellationToken);
        try
        {
            var (adds, counted) = (_unflushed.Snapshot(), _counted.Snapshot());
            if (adds.Length == 0 && counted.Length == 0)
                return;
            for (var tries = 0; ; tries++)
            {
                var instance = await _connection.CallAsync(
                    () => Post("flush", default), static (response, _) => new ValueTask<string>(InstanceOf(response)), null, cancellationToken);
                _instance = instance;
                var (lost, doubted) = (Array.FindAll(adds, add => add.Instance != instance), Array.FindAll(counted, part => part.Instance != instance));
                if (lost.Length == 0 && doubted.Length == 0)
                    break;
                if (tries == MostRestarts)
                    throw RestartedTooOften(tries);
                await SendAgainAsync(lost, cancellationToken);
                await AskAgainAsync(doubted, cancellationToken);
            }

            _unflushed.Remove(adds);
            _counted.Remove(counted);
        }
        finally
        {
            _flushing.Release();
        }
    }

    /// <summary>Gives a server again what an earlier run of it had taken and not flushed.</summary>
    /// <param name="instance">The run that is there now.</param>
    /// <param name="tries">How often that was done for the same question.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether there was something to give.</returns>
    async ValueTask<bool> RestoreAsync(string instance, int tries, CancellationToken cancellationToken)
    {
        if (_isReadOnly || !_unflushed.HasOther(instance))
            return false;
        if (tries == MostRestarts)
            throw RestartedTooOften(tries);
        await _flushing.WaitAsync(cancellationToken);
        try
        {
            await SendAgainAsync(Array.FindAll(_unflushed.Snapshot(), add => add.Instance != instance), cancellationToken);
            return true;
        }
        finally
        {
            _flushing.Release();
        }
    }

    async ValueTask SendAgainAsync(UnflushedAdds.Add[] lost, CancellationToken cancellationToken)
    {
        foreach (var add in lost)
            add.Instance = (await SendAsync(add.Body.AsMemory(0, add.Length), cancellationToken)).Instance;
    }

    // After what was added here is there again: what another run of the server had, and this one has not, is lost.
    async ValueTask AskAgainAsync(CountedBlocks.Part[] doubted, CancellationToken cancellationToken)
    {
        foreach (var part in doubted)
        {
            var asked = Encode(part.Names.ToArray(), []);
            var (answer, instance) = await AskOnceAsync(asked, part.Names.Count, cancellationToken);
            if (answer.Count(answer => !IsYes(answer)) is > 0 and var lost)
            {
                _lost = new StoreUnavailableException(Description, $"the server was started anew and has lost {lost} blocks that it had when it was asked");
                ThrowIfLost();
            }

            part.Instance = instance;
        }
    }

    void ThrowIfLost()
    {
        if (_lost is { } cause)
            throw new StoreUnavailableException(Description, $"nothing more can be written: {cause.Message}", isTransient: false, cause);
    }

    StoreUnavailableException RestartedTooOften(int tries) =>
        new(Description, $"the server was started anew {tries} times while what it had lost was sent again", isTransient: true);

    async ValueTask<AddCounts> AddPartAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, int bytes, CancellationToken cancellationToken)
    {
        var body = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            var length = Encode(buffer.Span, blocks.Span, body);
            var claims = bytes >= WorthAsking ? await FindKnownAsync(blocks, cancellationToken) : null;
            var (added, instance) = claims is null
                ? await SendAsync(body.AsMemory(0, length), cancellationToken)
                : await SendClaimsAsync(buffer, blocks, claims, cancellationToken);
            _unflushed.Note(body, length, instance);
            body = null;
            return added.ToCounts();
        }
        finally
        {
            if (body is not null)
                ArrayPool<byte>.Shared.Return(body);
        }
    }

    // Which blocks the server has already; null where none, so that all are to be sent.
    async ValueTask<HashSet<BlockHash>?> FindKnownAsync(ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken)
    {
        var hashes = new BlockHash[blocks.Length];
        for (var i = 0; i < hashes.Length; i++)
            hashes[i] = blocks.Span[i].Hash;
        var present = new bool[hashes.Length];

        // Not counted on: the server adds what is claimed again, and it is sent again where that is lost.
        await AskManyAsync(hashes, present, isCountedOn: false, cancellationToken);
        HashSet<BlockHash>? known = null;
        for (var i = 0; i < hashes.Length; i++)
        {
            if (present[i])
                (known ??= []).Add(hashes[i]);
        }

        return known;
    }

    // The bytes of blocks that the server has need not go over the wire. One that it has lost meanwhile it asks for.
    async ValueTask<(AddedBlocks Added, string Instance)> SendClaimsAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, HashSet<BlockHash> known, CancellationToken cancellationToken)
    {
        var (added, instance) = await SendSomeAsync(buffer, blocks, known, cancellationToken);
        if (added.Missing.Length == 0)
            return (added, instance);
        var missing = new HashSet<BlockHash>();
        foreach (var name in added.Missing)
        {
            if (!BlockHash.TryParse(name, out var hash) || !known.Contains(hash))
                throw _connection.Strange("a block is missed that was not claimed");
            missing.Add(hash);
        }

        var rest = blocks.ToArray().Where(slot => missing.Contains(slot.Hash)).ToArray();
        var (more, last) = await SendSomeAsync(buffer, rest, [], cancellationToken);
        var sum = added.ToCounts() + more.ToCounts();

        // Where these are two runs of the server, the first has lost its part: whoever flushes finds neither name and sends all again.
        return (AddedBlocks.Of(sum, []), instance == last ? last : NoInstance);
    }

    async ValueTask<(AddedBlocks Added, string Instance)> SendSomeAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, HashSet<BlockHash> known, CancellationToken cancellationToken)
    {
        var body = ArrayPool<byte>.Shared.Rent(blocks.ToArray().Sum(slot => HttpWire.AddHeaderLength + (known.Contains(slot.Hash) ? 0 : slot.Length)));
        try
        {
            return await SendAsync(body.AsMemory(0, Encode(buffer.Span, blocks.Span, body, known)), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }
    }

    Task<(AddedBlocks Added, string Instance)> SendAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => _connection.CallAsync(
        () => Post("add", body),
        async (response, attempt) =>
        {
            await using var answer = await response.Content.ReadAsStreamAsync(attempt.Token);
            var bytes = await attempt.ReadAllAsync(answer, HttpWire.LargestAdd);
            var added = _connection.ParseJson(bytes, HttpStoreJson.Default.AddedBlocks);
            return added.Missing is null ? throw _connection.Strange("it says nothing of what is missing") : (added, InstanceOf(response));
        },
        null,
        cancellationToken);

    void RequireWritable()
    {
        if (_isReadOnly)
            throw new StoreUnavailableException(Description, "it was opened for reading only");
        if (!_info.IsWritable)
            throw new StoreUnavailableException(Description, "the server lets nobody write; it would with --writable");
    }

    // How many of the blocks fit into one request, and its length.
    static (int Count, int Bytes) Measure(ReadOnlySpan<BlockSlot> blocks)
    {
        var bytes = 0;
        var count = 0;
        for (; count < blocks.Length && count < HttpWire.MostHashes; count++)
        {
            var more = HttpWire.AddHeaderLength + blocks[count].Length;
            if (count > 0 && bytes + more > RequestBytes)
                break;
            bytes += more;
        }

        return (count, bytes);
    }

    static int Encode(ReadOnlySpan<byte> buffer, ReadOnlySpan<BlockSlot> blocks, Span<byte> body, HashSet<BlockHash>? known = null)
    {
        var at = 0;
        foreach (ref readonly var slot in blocks)
        {
            var isClaim = known?.Contains(slot.Hash) == true;
            body[at] = (byte)((byte)slot.Content | (isClaim ? HttpWire.Claim : 0));
            body[at + 1] = (byte)slot.Hash.Algorithm;
            slot.Hash.Digest.CopyTo(body[(at + 2)..]);
            BinaryPrimitives.WriteUInt32LittleEndian(body[(at + 1 + HttpWire.HashLength)..], (uint)(isClaim ? 0 : slot.Length));
            at += HttpWire.AddHeaderLength;
            if (isClaim)
                continue;
            buffer.Slice(slot.Offset, slot.Length).CopyTo(body[at..]);
            at += slot.Length;
        }

        return at;
    }
}
