using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Proxy;

/// <content>Adds, flushes, references and listings.</content>
public sealed partial class ProxyStore
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A name is of another algorithm, or a block is longer than any may be or outside the buffer.</exception>
    public async ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        BlockBatch.Check(buffer.Length, blocks.Span, Hasher.Algorithm);
        if (_save.Length == 0)
            throw new StoreUnavailableException(Description, "nothing can be written: no store has the role save");
        var results = _save.Length == 1
            ? [await TryAddAsync(_save[0], buffer, blocks, cancellationToken)]
            : await Task.WhenAll(_save.Select(member => TryAddAsync(member, buffer, blocks, cancellationToken).AsTask()));
        var refused = Array.Find(results, static result => result.Fault is not null);
        if (refused.Fault is null)
            return results[0].Counts;
        foreach (var member in _saveElse)
        {
            var result = await TryAddAsync(member, buffer, blocks, cancellationToken);
            if (result.Fault is null)
                return Array.FindIndex(results, static other => other.Fault is null) is >= 0 and var taken ? results[taken].Counts : result.Counts;
        }

        throw refused.Fault;
    }

    /// <inheritdoc/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        List<Exception>? faults = null;
        foreach (var member in _members)
        {
            if (!member.IsOwing)
                continue;

            // Before the flush: what is added while it runs is owed to the next one. Settled only behind it: another flush that begins meanwhile asks as well.
            var owed = member.Owed;
            try
            {
                await member.Store.FlushAsync(cancellationToken);
                member.Settle(owed);
            }
            catch (Exception fault) when (ProxyMember.IsOutage(fault))
            {
                // What it took is as little durable as before: the next flush has to ask it again.
                member.Writing.Failed(fault);
                (faults ??= []).Add(fault);
            }
        }

        if (faults is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(faults[0]);
    }

    /// <summary>The names in all stores that are asked for presence. One that can't be reached makes it an exception.</summary>
    public async IAsyncEnumerable<BlockHash> EnumerateAsync(BlockHash? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var listings = new List<IAsyncEnumerator<BlockHash>>();
        var isThere = new List<bool>();
        try
        {
            foreach (var member in _keepers)
            {
                var listing = member.Store as IBlockEnumeration ?? throw new NotSupportedException($"{member.Store.Description} can't list its blocks");
                listings.Add(listing.EnumerateAsync(after, cancellationToken).GetAsyncEnumerator(cancellationToken));
                isThere.Add(await listings[^1].MoveNextAsync());
            }

            while (isThere.Contains(true))
            {
                BlockHash? least = null;
                for (var i = 0; i < listings.Count; i++)
                {
                    if (isThere[i] && (least is not { } so || listings[i].Current < so))
                        least = listings[i].Current;
                }

                yield return least!.Value;
                for (var i = 0; i < listings.Count; i++)
                {
                    if (isThere[i] && listings[i].Current == least.Value)
                        isThere[i] = await listings[i].MoveNextAsync();
                }
            }
        }
        finally
        {
            foreach (var listing in listings)
                await listing.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        References.RefName.Check(name);
        return KeeperOf(name).ReadAsync(name, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var store in _references.Select(static route => route.Store).Distinct(ReferenceEqualityComparer.Instance).Cast<IBlockStore>())
        {
            await foreach (var name in RefsOf(store).ListAsync(prefix, cancellationToken))
            {
                if (ReferenceEquals(RouteOf(name)?.Store, store))
                    names.Add(name);
            }
        }

        foreach (var name in names)
            yield return name;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The name is not valid, or the value or the note is not one line.</exception>
    public ValueTask<bool> TryMoveAsync(string name, string? expected, string? value, string note, CancellationToken cancellationToken = default)
    {
        References.RefName.Check(name, value, note);
        return KeeperOf(name).TryMoveAsync(name, expected, value, note, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RefMovement> ReadLogAsync(string name, CancellationToken cancellationToken = default)
    {
        References.RefName.Check(name);
        return KeeperOf(name).ReadLogAsync(name, cancellationToken);
    }

    /// <summary>The numbers of the first store that saves, or of the first that is read where none does.</summary>
    public StoreCapacity? GetCapacity() => ((_save.Length > 0 ? _save[0].Store : _readers[0].Member.Store) as IStoreCapacity)?.GetCapacity();

    /// <inheritdoc/>
    public IEnumerable<CacheFigures> ReadCaches() => _stores.OfType<ICached>().SelectMany(static store => store.ReadCaches());

    /// <summary>The sum of what the stores have to pass on; null where none of them waits with anything.</summary>
    public StoreLag? GetLag()
    {
        StoreLag? sum = null;
        foreach (var store in _stores.OfType<IStoreLag>())
        {
            if (store.GetLag() is not { } lag)
                continue;
            sum = sum is null ? lag : new StoreLag(
                sum.Bytes + lag.Bytes,
                sum.Blocks + lag.Blocks,
                sum.Moves + lag.Moves,
                sum.Since is null || lag.Since < sum.Since ? lag.Since ?? sum.Since : sum.Since,
                sum.Conflicts + lag.Conflicts,
                sum.LastError ?? lag.LastError);
        }

        return sum;
    }

    /// <inheritdoc/>
    public async Task CatchUpAsync(CancellationToken cancellationToken = default)
    {
        foreach (var store in _stores.OfType<IStoreLag>())
            await store.CatchUpAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> NoteDamageAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        var isNoted = false;
        foreach (var member in _save)
            isNoted |= member.Store is IDamageNotes notes && await notes.NoteDamageAsync(hash, cancellationToken);
        return isNoted;
    }

    /// <summary>Tells a store that it is going to be a part of what is read together, before it gets its first block.</summary>
    static async ValueTask PrepareAsync(ProxyMember member, CancellationToken cancellationToken)
    {
        if ((!member.IsPart && !member.IsCache) || member.IsTold)
            return;
        if (member.Store is IPartialStore partial)
            await partial.MarkPartialAsync(cancellationToken);
        member.IsTold = true;
    }

    static async ValueTask<Added> TryAddAsync(
        ProxyMember member, ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken)
    {
        if (!member.Writing.TryEnter())
            return new Added(default, member.Writing.WhyPaused());
        try
        {
            await PrepareAsync(member, cancellationToken);
            var counts = await member.Store.AddManyAsync(buffer, blocks, cancellationToken);

            member.Owe();
            member.Writing.Succeeded(null);
            return new Added(counts, null);
        }
        catch (Exception fault) when (ProxyMember.IsOutage(fault))
        {
            // One that is full can still be read.
            if (fault is StoreFullException)
                member.Writing.Abandoned();
            else
                member.Writing.Failed(fault);
            return new Added(default, fault);
        }
        catch
        {
            member.Writing.Abandoned();
            throw;
        }
    }

    RefRoute? RouteOf(string name) => Array.Find(_references, route => route.Matches(name));

    IRefStore KeeperOf(string name) =>
        RefsOf((RouteOf(name) ?? throw new StoreUnavailableException(Description, $"no store keeps the reference {name}: nothing is saved here")).Store);

    static IRefStore RefsOf(IBlockStore store) => store as IRefStore ?? throw new NotSupportedException($"{store.Description} keeps no references");

    readonly record struct Added(AddCounts Counts, Exception? Fault);
}
