using System.Runtime.CompilerServices;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Stores.References;
using Vt.Stores.Streams.Client;
using Vt.Stores.Streams.Protocol;
using Vt.Stores.Streams.Transport;

namespace Vt.Stores.Streams;

/// <summary>
/// A store of another process, perhaps on another machine, over a line that may be lost: calls wait for a new one, and what was under way is sent
/// again. What was added and not made durable yet is kept until it is, so that a server that is started anew gets it once more; of what the server said to have the names are kept.
/// </summary>
/// <remarks>
/// Thread-safe. Leases are parts of the frames that came, and stay valid until they are disposed. Every block is hashed before anybody sees it.
/// </remarks>
public sealed partial class StreamStore : IBlockStore, IBlockEnumeration, IRefStore, IStoreCapacity, IDamageNotes, ISetSketches
{
    // Bytes that go wrong on the way this often go wrong by themselves.
    const int MostGarbled = 3;
    const int MostRestarts = 8;

    // A question is about some megabytes at most, so that many answers were alike.
    const long EnoughNew = 16 << 20;

    // Blocks of so many bytes together are sent in less time than a question takes there and back.
    const long TooFewToAsk = 4 << 10;

    readonly StreamLink[] _links;
    readonly LinkChooser _chooser;
    readonly StreamClientOptions _options;
    readonly Welcome _welcome;
    readonly FlushWindow _window;
    readonly NoveltyRun _novelty = new(EnoughNew);
    int _isDisposed;
    uint _lastId;
    volatile bool _hasDamage;
    Capacity? _capacity;

    StreamStore(string description, StreamLink[] links, StreamClientOptions options)
    {
        Description = description;
        _links = links;
        _chooser = new LinkChooser(links);
        _options = options;
        _welcome = links[0].First;
        _hasDamage = (_welcome.Features & StoreFeatures.HasDamage) != 0;
        Hasher = HashAlgorithms.GetHasher(_welcome.Hash);
        _window = new FlushWindow(options.Unflushed, FlushLinksAsync);
        if (_welcome.Capacity is { } now)
            _capacity = new Capacity(now);
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <summary>What names the store at the server.</summary>
    public string ServerDescription => _welcome.Description;

    /// <summary>What this client may do there.</summary>
    public ExportAccess Access => _welcome.Access;

    /// <inheritdoc/>
    public BlockHasher Hasher { get; }

    /// <inheritdoc/>
    public ChunkingParameters Chunking => _welcome.Chunking;

    /// <inheritdoc/>
    public bool IsComplete => (_welcome.Features & StoreFeatures.Complete) != 0;

    /// <inheritdoc/>
    public bool IsDistant => _options.IsDistant;

    /// <inheritdoc/>
    public bool HasDamage => _hasDamage;

    /// <summary>Connects to a server.</summary>
    /// <param name="connector">How.</param>
    /// <param name="options">How the store is used.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreUnavailableException">There is no server, or it does not let this client in.</exception>
    public static async Task<StreamStore> OpenAsync(ILineConnector connector, StreamClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new StreamClientOptions();
        var description = options.Export.Length == 0 ? connector.Description : $"{connector.Description} [{options.Export}]";
        var session = Guid.NewGuid();
        var handshake = new Handshake(connector, options, session);
        var links = new List<StreamLink>();
        try
        {
            links.Add(await StreamLink.OpenAsync(handshake, options, description, cancellationToken));
            while (links.Count < options.Lines)
                links.Add(links[0].Another());
            if (options.Beside is { } beside)
            {
                var hanging = new Handshake(beside, options, session);
                for (var i = 0; i < options.LinesBeside; i++)
                    links.Add(links[0].Another(hanging));
            }

            return new StreamStore(description, [.. links], options);
        }
        catch
        {
            foreach (var link in links)
                await link.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var mine = Mine(hashes, out var places);
        var answers = places is null ? present[..hashes.Length] : new bool[mine.Length];

        // To who can't flush a server says of nothing that it is there before that is durable. Where no flush succeeds any more there is nothing to note for one.
        var isCountedOn = Access != ExportAccess.ReadOnly && !HasWriteFailed;
        if (isCountedOn)
            await _window.WaitForRoomAsync(Unflushed, cancellationToken);
        await ForPiecesAsync(mine.Length, StreamLimits.MostNames, (start, length) =>
        {
            var (part, told) = (mine.Slice(start, length), answers.Slice(start, length));
            return isCountedOn ? CountOnAsync(_chooser.Next(), part, told, cancellationToken) : AskAsync(_chooser.Next(), part, told, cancellationToken);
        });
        if (isCountedOn)
            _window.FlushIfWorthwhile(Unflushed);
        if (places is null)
            return;
        present.Span[..hashes.Length].Clear();
        for (var i = 0; i < places.Length; i++)
            present.Span[places[i]] = answers.Span[i];
    }

    /// <inheritdoc/>
    public async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (hash.Algorithm != Hasher.Algorithm)
            return default;
        var lease = new BlockLease[1];
        await FetchAsync(new[] { hash }, lease, cancellationToken);
        return lease[0];
    }

    /// <inheritdoc/>
    public async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var mine = Mine(hashes, out var places);
        var leases = places is null ? blocks[..hashes.Length] : new BlockLease[mine.Length];
        leases.Span.Clear();
        try
        {
            await ForPiecesAsync(mine.Length, StreamLimits.MostReads, (start, length) => FetchAsync(mine.Slice(start, length), leases.Slice(start, length), cancellationToken));
        }
        catch
        {
            foreach (ref var lease in leases.Span)
            {
                lease.Dispose();
                lease = default;
            }

            throw;
        }

        if (places is null)
            return;
        blocks.Span[..hashes.Length].Clear();
        for (var i = 0; i < places.Length; i++)
            blocks.Span[places[i]] = leases.Span[i];
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A name is of another algorithm, or a block is longer than any may be or outside the buffer.</exception>
    public async ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        BlockBatch.Check(buffer.Length, blocks.Span, Hasher.Algorithm);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfWriteFailed();
        await _window.WaitForRoomAsync(Unflushed, cancellationToken);
        var counts = default(AddCounts);
        if (_options.Asks == AskPolicy.Always || (_options.Asks == AskPolicy.WhereKnown && !_novelty.IsOn && !AreFew(blocks.Span)))
            (blocks, counts) = await LeaveOutKnownAsync(_chooser.Next(), blocks, cancellationToken);
        var adds = new List<Task<AddCounts>>();
        for (var start = 0; start < blocks.Length;)
        {
            // Each over the next line: one has only so much on its way at a time.
            var length = CountFor(blocks.Span[start..]);
            adds.Add(AddAsync(buffer, blocks.Slice(start, length), cancellationToken));
            start += length;
        }

        // Each is awaited, so that none still reads the buffer when this returns.
        await Task.WhenAll(adds);
        foreach (var add in adds)
            counts += await add;
        _novelty.Note(counts);
        ThrowIfWriteFailed();
        _window.FlushIfWorthwhile(Unflushed);
        return counts;
    }

    /// <inheritdoc/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Access != ExportAccess.ReadOnly)
            await FlushLinksAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlockHash> EnumerateAsync(BlockHash? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var last = after;
        var flow = FlowAsync(StreamVerb.List, meta => NameList.Write(meta, last is { } hash ? [hash] : []), cancellationToken);
        await foreach (var frame in flow)
        {
            BlockHash[] hashes;
            using (frame)
                hashes = NameList.Read(frame.Meta, _welcome.Hash, StreamLimits.MostNames);
            foreach (var hash in hashes)
            {
                if (last is { } before && hash <= before)
                    throw new StoreUnavailableException(Description, "the server's list of blocks is out of order");
                last = hash;
                yield return hash;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        RefName.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        using var answer = await CallAsync(_links[0], StreamVerb.ReferenceRead, meta => ReferenceTexts.WriteQuestion(meta, name), cancellationToken);
        return ReferenceTexts.ReadValue(answer.Meta);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var last = "";
        await foreach (var frame in FlowAsync(StreamVerb.ReferenceList, meta => ReferenceTexts.WriteQuestion(meta, prefix, last), cancellationToken))
        {
            List<string> names;
            using (frame)
                names = ReferenceTexts.ReadNames(frame.Meta);
            foreach (var name in names)
                yield return last = name;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The name is not valid, or the value or the note is not one line.</exception>
    /// <exception cref="StoreUnavailableException">The server can't answer; where it was started anew meanwhile, whether the move was made may not be known.</exception>
    public async ValueTask<bool> TryMoveAsync(
        string name, string? expected, string? value, string note, CancellationToken cancellationToken = default)
    {
        RefName.Check(name, value, note);
        cancellationToken.ThrowIfCancellationRequested();
        var move = new ReferenceMove(name, expected, value, note);
        using var answer = await CallAsync(_links[0], StreamVerb.ReferenceMove, meta => move.Write(meta, _links[0].Instance), cancellationToken);
        return new ByteReader(answer.Meta).ReadByte() != 0;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RefMovement> ReadLogAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        RefName.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        var had = 0L;
        await foreach (var frame in FlowAsync(StreamVerb.ReferenceLog, meta => ReferenceTexts.WriteQuestion(meta, name, skip: had), cancellationToken))
        {
            List<RefMovement> movements;
            using (frame)
                movements = ReferenceTexts.ReadMovements(frame.Meta);
            foreach (var movement in movements)
            {
                had++;
                yield return movement;
            }
        }
    }

    /// <summary>The numbers as of the last answer that had them: every add brings them along.</summary>
    public StoreCapacity? GetCapacity() => Volatile.Read(ref _capacity)?.Now;

    /// <inheritdoc/>
    public async ValueTask<bool> NoteDamageAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (hash.Algorithm != Hasher.Algorithm)
            return false;
        using var answer = await CallAsync(_links[0], StreamVerb.NoteDamage, meta => NameList.Write(meta, [hash]), cancellationToken);
        var isNoted = new ByteReader(answer.Meta).ReadByte() != 0;
        _hasDamage |= isNoted;
        return isNoted;
    }

    /// <summary>Ends the lines. What was added and not flushed may or may not be durable.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _window.DisposeAsync();

        // At once: the line that others hang on ends when they have.
        await Task.WhenAll(_links.Select(static link => link.DisposeAsync().AsTask()));
    }
}
