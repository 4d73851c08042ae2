using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Chains;

namespace Vt.Stores.Proxy;

/// <summary>
/// Several stores as one: see <see cref="ProxyRoles"/> for who does what. Reads go from store to store until one has a block and it is sound, adds go to all that
/// save, and references to exactly one store. doc/design/011-chains.md has the reasons.
/// </summary>
/// <remarks>
/// Thread-safe. A block is absent only if every store that could have it said so; a store that can't be reached makes that an exception. A store that failed
/// several times in a row is left alone for a while and then tried by one call.
/// </remarks>
public sealed partial class ProxyStore : IBlockStore, IBlockEnumeration, IRefStore, IStoreCapacity, IDamageNotes, ICached, IStoreLag
{
    readonly ProxyOptions _options;
    readonly ProxyMember[] _members;
    readonly ProxyMember[] _save;
    readonly ProxyMember[] _saveElse;
    readonly (ProxyMember Member, int Group)[] _readers;
    readonly ProxyMember[] _keepers;

    // Of these: those that all get what is added, where there are several, and those of which each vouches for what it has.
    readonly ProxyMember[] _copied;
    readonly ProxyMember[] _single;
    readonly CopyQueue _copies;
    readonly PlaceTable? _places;
    readonly RefRoute[] _references;
    readonly IBlockStore[] _stores;
    int _isDisposed;

    /// <summary>Puts stores together.</summary>
    /// <param name="roles">Who does what; all stores become this one's, and are disposed with it.</param>
    /// <param name="options">How to wait; the defaults when null.</param>
    /// <exception cref="UserErrorException">The stores don't agree on hashes, or nobody can be read from.</exception>
    public ProxyStore(ProxyRoles roles, ProxyOptions? options = null)
    {
        _options = options ?? new ProxyOptions();
        IBlockStore[] inOrder = [.. roles.Read, .. roles.ReadElse, .. roles.Save, .. roles.SaveElse, .. roles.Copy];
        _stores = [.. inOrder.Concat(roles.References.Select(static route => route.Store)).Distinct(ReferenceEqualityComparer.Instance).Cast<IBlockStore>()];
        if (roles.Read.Count + roles.ReadElse.Count == 0)
            throw new UserErrorException("a proxy store has nothing to read from; name a store as save or read");
        var isShared = roles.Read.Concat(roles.ReadElse).Distinct(ReferenceEqualityComparer.Instance).Skip(1).Any();
        var distinct = inOrder.Distinct(ReferenceEqualityComparer.Instance).Cast<IBlockStore>().ToArray();
        if (distinct.Length > PlaceTable.MostMembers)
            throw new UserErrorException($"a proxy of {distinct.Length} stores; {PlaceTable.MostMembers} is the most");
        _members =
        [
            .. distinct.Select((store, number) => new ProxyMember(store, number, _options)
            {
                IsCache = Has(roles.Copy, store) && !Has(roles.Save, store) && !Has(roles.SaveElse, store),
                IsPart = isShared || Has(roles.SaveElse, store) || roles.SaveElse.Count > 0,
            }),
        ];
        _save = MembersOf(roles.Save);
        _saveElse = MembersOf(roles.SaveElse);
        _readers = [.. MembersOf(roles.Read).Select(static member => (member, 0)), .. MembersOf(roles.ReadElse).Select(static member => (member, 1))];
        _keepers = [.. _readers.Select(static reader => reader.Member).Where(static member => !member.IsCache)];
        _copied = _save.Length > 1 ? _save : [];
        _single = [.. _keepers.Except(_copied)];
        _places = _readers.Length > 1 ? new PlaceTable() : null;
        _copies = new CopyQueue(MembersOf(roles.Copy), PrepareAsync, _options);
        _references = [.. roles.References, .. roles.Save.Take(1).Select(static store => new RefRoute(store))];
        (Hasher, Chunking) = Agree();
        Description = $"proxy of {string.Join(", ", distinct.Select(static store => store.Description))}";
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public BlockHasher Hasher { get; }

    /// <inheritdoc/>
    public ChunkingParameters Chunking { get; }

    /// <summary>
    /// Whether all stores that are asked for presence are complete: a tree block that is in one of them has all that is below it in the same one.
    /// </summary>
    public bool IsComplete => Array.TrueForAll(_keepers, static member => member.Store.IsComplete);

    /// <inheritdoc/>
    public bool IsDistant => Array.Exists(_save, static member => member.Store.IsDistant);

    /// <inheritdoc/>
    public bool HasDamage => Array.Exists(_save, static member => member.Store is IDamageNotes { HasDamage: true });

    /// <summary>How each store has done.</summary>
    public IReadOnlyList<MemberFigures> Members => Array.ConvertAll(_members, static member => member.Figures);

    /// <summary>Blocks that were copied to near stores, that were not since too many waited, and that a store did not take.</summary>
    public (long Copied, long Dropped, long Failed) Copies => (_copies.Copied, _copies.Dropped, _copies.Failed);

    /// <summary>Completes when no copy is under way.</summary>
    internal Task WhenCopied => _copies.WhenIdle;

    /// <summary>
    /// Tells which blocks need not be added: one that only some of the stores have that all save is not there, so that whoever asks offers it to the others too, unless a
    /// store that is read besides has it.
    /// </summary>
    /// <inheritdoc/>
    public async ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        present.Span[..hashes.Length].Clear();
        var question = new PresenceQuestion(hashes, present);
        if (_copied.Length > 0)
            await question.AskAllAsync(_copied, cancellationToken);
        await question.AskOneOfAsync(_single, cancellationToken);
        if (question.WhyOpen is { } outage)
        {
            throw new StoreUnavailableException(
                Description, $"{question.Open} blocks were found nowhere else, and a store could not be asked: {outage.Message}", isTransient: true, outage);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var candidates = CandidatesFor(hash);
        var first = candidates[0].Member;
        Attempt? begun = null;
        if (first.IsQuick && first.TryEnter())
        {
            var start = _options.Time.GetTimestamp();
            var call = first.Store.GetAsync(hash, cancellationToken).AsTask();
            if (call.IsCompletedSuccessfully && await call is { IsPresent: true } got && LeaseCheck.FaultOf(Hasher, first.Store, hash, got) is null)
            {
                first.Succeeded(_options.Time.GetElapsedTime(start));
                Took(candidates, null, 0, hash, got, first);
                return got;
            }

            first.IsQuick = call.IsCompleted;
            begun = new Attempt(first, 0, call, start, _options.Time);
        }

        var lease = new BlockLease[1];
        var race = new ReadRace(Hasher, _options, candidates, new[] { hash }, lease);
        if (begun is not null)
            race.Begin(begun);
        await race.RunAsync(cancellationToken);
        if (race.GivenBy(0) >= 0)
            Took(candidates, race, 0, hash, lease[0], candidates[race.GivenBy(0)].Member);
        return lease[0];
    }

    /// <inheritdoc/>
    public async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (hashes.IsEmpty)
            return;
        var candidates = CandidatesFor(hashes.Span[0]);
        var race = new ReadRace(Hasher, _options, candidates, hashes, blocks);
        await race.RunAsync(cancellationToken);
        for (var i = 0; i < hashes.Length; i++)
        {
            if (race.GivenBy(i) >= 0)
                Took(candidates, race, i, hashes.Span[i], blocks.Span[i], candidates[race.GivenBy(i)].Member);
        }
    }

    /// <summary>
    /// Closes all stores, after copies that wait were given a few seconds. All leases must have been given back.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _copies.DisposeAsync();
        foreach (var store in _stores)
            await store.DisposeAsync();
    }

    static bool Has(IReadOnlyList<IBlockStore> stores, IBlockStore store) => stores.Any(other => ReferenceEquals(other, store));

    ProxyMember[] MembersOf(IReadOnlyList<IBlockStore> stores) =>
        [.. stores.Select(store => Array.Find(_members, member => ReferenceEquals(member.Store, store))!).Distinct()];

    /// <summary>What the stores that can be reached agree on; one that can't is asked again when it can.</summary>
    (BlockHasher Hasher, ChunkingParameters Chunking) Agree()
    {
        (IBlockStore Store, StoreIdentity Identity)? first = null;
        (IBlockStore Store, StoreIdentity Identity)? written = null;
        foreach (var member in _members)
        {
            var identity = member.Store is LateStore late ? late.Identity : new StoreIdentity(member.Store.Hasher, member.Store.Chunking);
            if (identity is null)
                continue;
            first ??= (member.Store, identity);
            if (first.Value.Identity.Hasher.Algorithm != identity.Hasher.Algorithm)
            {
                throw new UserErrorException(
                    $"{first.Value.Store.Description} names blocks by {HashAlgorithms.NameOf(first.Value.Identity.Hasher.Algorithm)} and {member.Store.Description} by "
                    + $"{HashAlgorithms.NameOf(identity.Hasher.Algorithm)}: they can't be one store");
            }

            if (!_save.Contains(member) && !_saveElse.Contains(member))
                continue;
            written ??= (member.Store, identity);
            if (written.Value.Identity.Chunking != identity.Chunking)
                throw new UserErrorException($"{written.Value.Store.Description} and {member.Store.Description} cut content differently: what is saved to both would not be the same blocks");
        }

        var agreed = written ?? first ?? throw new UserErrorException($"none of {string.Join(", ", _stores.Select(static store => store.Description))} can be reached");
        return (agreed.Identity.Hasher, agreed.Identity.Chunking);
    }

    /// <summary>The stores in the order in which they are asked for a block: who had it last comes first.</summary>
    (ProxyMember Member, int Group)[] CandidatesFor(in BlockHash hash)
    {
        var last = _places?.Find(hash) ?? -1;
        var at = last < 0 ? -1 : Array.FindIndex(_readers, reader => reader.Member.Number == last);
        if (at <= 0)
            return _readers;
        var ordered = new (ProxyMember, int)[_readers.Length];
        ordered[0] = _readers[at];
        _readers.AsSpan(0, at).CopyTo(ordered.AsSpan(1));
        _readers.AsSpan(at + 1).CopyTo(ordered.AsSpan(at + 1));
        return ordered;
    }

    /// <summary>Remembers who gave a block, and has it copied where it should be.</summary>
    void Took((ProxyMember Member, int Group)[] candidates, ReadRace? race, int block, in BlockHash hash, in BlockLease lease, ProxyMember by)
    {
        var isFar = Array.Exists(candidates, candidate => candidate.Member == by && candidate.Group > 0);
        var isDamaged = race?.WasDamaged(block) == true;

        // What will be copied is to be asked for near next time.
        if (isFar || isDamaged)
            _copies.Add(hash, lease.Span);
        else
            _places?.Note(hash, by.Number);
    }
}
