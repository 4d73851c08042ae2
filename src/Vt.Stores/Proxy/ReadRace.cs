using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Chains;

namespace Vt.Stores.Proxy;

/// <summary>
/// One read of some blocks from the stores of a proxy: the next store is asked for what is open when a store has answered without it, has failed, or takes long.
/// One task at a time.
/// </summary>
/// <remarks>
/// 1. A block is handed out only if its bytes hash to its name. 2. A block is absent only if every store said so. 3. When the read is over, calls that are still
/// under way are cancelled, and what they give is disposed of.
/// </remarks>
/// <param name="hasher">Names blocks.</param>
/// <param name="options">How long to wait.</param>
/// <param name="candidates">The stores in the order in which they are asked, with the number of the group that each belongs to.</param>
/// <param name="hashes">The names.</param>
/// <param name="blocks">Receives the blocks.</param>
sealed class ReadRace(
    BlockHasher hasher, ProxyOptions options, IReadOnlyList<(ProxyMember Member, int Group)> candidates, ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks)
{
    readonly List<Attempt> _running = [];
    readonly int[] _givenBy = NoneGiven(hashes.Length);
    int _next;
    int _open = hashes.Length;
    Exception? _outage;
    Dictionary<int, BlockCorruptException>? _damage;

    /// <summary>Goes on with a call to the first candidate that was begun already.</summary>
    /// <param name="begun">The call.</param>
    public void Begin(Attempt begun)
    {
        _running.Add(begun);
        _next = begun.Number + 1;
    }

    /// <summary>Which candidate gave a block; -1 where none did.</summary>
    public int GivenBy(int block) => _givenBy[block];

    /// <summary>Whether a store gave damaged bytes for a block.</summary>
    public bool WasDamaged(int block) => _damage?.ContainsKey(block) == true;

    /// <summary>Reads.</summary>
    /// <exception cref="BlockCorruptException">All stores answered, and a block is only there damaged.</exception>
    /// <exception cref="StoreUnavailableException">A block was not found, and a store could not say whether it has it.</exception>
    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        blocks.Span[..hashes.Length].Clear();
        var isDone = false;
        try
        {
            while (_open > 0 && (_running.Count > 0 || StartNext(cancellationToken)))
                await StepAsync(cancellationToken);
            if (_open > 0)
                ThrowForOpen();
            isDone = true;
        }
        finally
        {
            foreach (var attempt in _running)
                attempt.Abandon();
            if (!isDone)
                DropAll();
        }
    }

    static int[] NoneGiven(int length)
    {
        var given = new int[length];
        Array.Fill(given, -1);
        return given;
    }

    /// <summary>Asks the next store that can be asked.</summary>
    /// <returns>False where there is none.</returns>
    bool StartNext(CancellationToken cancellationToken)
    {
        while (_next < candidates.Count)
        {
            var number = _next++;
            var member = candidates[number].Member;
            if (!member.TryEnter())
            {
                _outage ??= member.WhyPaused();
                continue;
            }

            _running.Add(new Attempt(member, number, OpenBlocks(), hashes, options.Time, cancellationToken));
            return true;
        }

        return false;
    }

    int[] OpenBlocks()
    {
        var open = new int[_open];
        var count = 0;
        for (var i = 0; i < hashes.Length; i++)
        {
            if (_givenBy[i] < 0)
                open[count++] = i;
        }

        return open;
    }

    async ValueTask StepAsync(CancellationToken cancellationToken)
    {
        var last = _running[^1];
        var ended = _running.Find(static attempt => attempt.Result.IsCompleted);
        if (ended is null && HedgeDelay(last) is { } wait)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var delay = Task.Delay(wait, options.Time, over.Token);
            var first = await Task.WhenAny([delay, .. _running.Select(static attempt => attempt.Result)]);
            await over.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            if (first == delay)
            {
                last.Member.NoteHedge();
                last.IsHedged = true;
                StartNext(cancellationToken);
                return;
            }
        }
        else if (ended is null)
        {
            await Task.WhenAny(_running.Select(static attempt => attempt.Result)).WaitAsync(cancellationToken);
        }

        ended ??= _running.Find(static attempt => attempt.Result.IsCompleted)!;
        _running.Remove(ended);
        using (ended)
            await TakeAsync(ended, cancellationToken);
    }

    // How long to wait before the next store is asked too; null for as long as it takes. One of the second group is far, or it costs: it is not bothered because one of
    // the first is slow, only where that seems to be stuck.
    TimeSpan? HedgeDelay(Attempt last)
    {
        if (options.IsHedgeOff || last.IsHedged || _next >= candidates.Count)
            return null;
        return candidates[_next].Group == candidates[last.Number].Group ? last.Member.HedgeDelay : options.FarDelay;
    }

    async ValueTask TakeAsync(Attempt attempt, CancellationToken cancellationToken)
    {
        BlockLease[] leases;
        try
        {
            leases = await attempt.Result;
        }
        catch (BlockCorruptException damage) when (attempt.Blocks.Length == 1)
        {
            attempt.Member.Succeeded(null);
            Damaged(attempt.Member, attempt.Blocks[0], damage);
            return;
        }
        catch (BlockCorruptException)
        {
            // One of many: they are asked for one by one, to get those that are sound.
            attempt.Member.Succeeded(null);
            foreach (var block in attempt.Blocks)
            {
                if (_givenBy[block] >= 0)
                    continue;
                using var single = new Attempt(attempt.Member, attempt.Number, [block], hashes, options.Time, cancellationToken);
                await TakeAsync(single, cancellationToken);
            }

            return;
        }
        catch (Exception fault) when (ProxyMember.IsOutage(fault))
        {
            attempt.Member.Failed(fault);
            _outage ??= fault;
            return;
        }
        catch
        {
            attempt.Member.Abandoned();
            throw;
        }

        attempt.Member.Succeeded(attempt.Took);
        for (var i = 0; i < leases.Length; i++)
            Take(attempt, attempt.Blocks[i], leases[i]);
    }

    void Take(Attempt attempt, int block, in BlockLease lease)
    {
        if (!lease.IsPresent)
            return;
        if (_givenBy[block] >= 0)
        {
            lease.Dispose();
        }
        else if (LeaseCheck.FaultOf(hasher, attempt.Member.Store, hashes.Span[block], lease) is { } damage)
        {
            lease.Dispose();
            Damaged(attempt.Member, block, damage);
        }
        else
        {
            blocks.Span[block] = lease;
            _givenBy[block] = attempt.Number;
            _open--;
        }
    }

    void Damaged(ProxyMember member, int block, BlockCorruptException damage)
    {
        member.NoteDamage();
        (_damage ??= []).TryAdd(block, damage);
    }

    // Who could not be asked may have it, and sound: only where everybody answered is a block absent, or damaged.
    void ThrowForOpen()
    {
        if (_outage is { } outage)
        {
            throw new StoreUnavailableException(
                outage is StoreUnavailableException { Store: var store } ? store : candidates[0].Member.Store.Description,
                $"{_open} blocks were found nowhere else, and this store could not be asked: {outage.Message}",
                isTransient: true,
                outage);
        }

        for (var i = 0; _damage is not null && i < hashes.Length; i++)
        {
            if (_givenBy[i] < 0 && _damage.TryGetValue(i, out var damage))
                throw damage;
        }
    }

    void DropAll()
    {
        foreach (var lease in blocks.Span[..hashes.Length])
            lease.Dispose();
        blocks.Span[..hashes.Length].Clear();
    }
}
