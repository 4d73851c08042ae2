using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.References;

namespace Vt.Stores.Cache;

/// <content>The queue, references and listings.</content>
public sealed partial class CacheStore
{
    /// <inheritdoc/>
    public StoreLag? GetLag() => _options.IsWriteback || _folder.State is not { LagBytes: 0, Moves: 0 } ? _folder.Lag(_sender.LastError) : null;

    /// <inheritdoc/>
    public async Task CatchUpAsync(CancellationToken cancellationToken = default)
    {
        var target = _folder.State.QueueEnd;
        while (true)
        {
            if (await _sender.TrySendAsync(cancellationToken))
                return;

            // Another process sends.
            if (_folder.State.Sent >= target && _folder.ReadMoves(_moves).TrueForAll(move => move.Position > target))
                return;
            await Task.Delay(_look, _options.Time, cancellationToken);
        }
    }

    /// <summary>The store behind's names and those of what waits to be sent.</summary>
    public async IAsyncEnumerable<BlockHash> EnumerateAsync(BlockHash? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Before the store behind is asked: what is sent meanwhile is listed there too.
        var queued = ListQueued(after, cancellationToken);
        var next = 0;
        var listing = Backing as IBlockEnumeration ?? throw new NotSupportedException($"{Backing.Description} can't list its blocks");
        await foreach (var hash in listing.EnumerateAsync(after, cancellationToken))
        {
            for (; next < queued.Length && queued[next] < hash; next++)
                yield return queued[next];
            if (next < queued.Length && queued[next] == hash)
                next++;
            yield return hash;
        }

        for (; next < queued.Length; next++)
            yield return queued[next];
    }

    /// <inheritdoc/>
    public async ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        RefName.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            var version = _folder.State.MoveVersion;
            if (FindMove(name) is { } move)
                return move.Value;
            var value = await ReadBehindAsync(name, cancellationToken);

            // One that was made behind in the meantime would have been seen neither here nor there.
            if (version == _folder.State.MoveVersion)
                return value;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var moves = ReadMoves();
        var names = new SortedSet<string>(await ListBehindAsync(prefix, cancellationToken), StringComparer.Ordinal);
        foreach (var move in moves)
        {
            if (!move.Name.StartsWith(prefix, StringComparison.Ordinal))
                continue;
            if (move.Value is null)
                names.Remove(move.Name);
            else
                names.Add(move.Name);
        }

        foreach (var name in names)
            yield return name;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The name is not valid, or the value or the note is not one line.</exception>
    public async ValueTask<bool> TryMoveAsync(
        string name, string? expected, string? value, string note, CancellationToken cancellationToken = default)
    {
        RefName.Check(name, value, note);
        cancellationToken.ThrowIfCancellationRequested();
        if (!_options.IsWriteback)
        {
            await SendBeforeAsync(cancellationToken);
            return await MoveBehindAsync(name, expected, value, note, cancellationToken);
        }

        // One at a time, of all processes that share the folder: whether the store behind decides or the queue must not change in between.
        await _moving.WaitAsync(cancellationToken);
        try
        {
            using var turn = CacheFiles.OpenLock(_folder.Files.Moving);
            while (!Locks.Flock(turn, LockKind.Exclusive, wait: false))
                await Task.Delay(_turn, cancellationToken);
            return await DecideAsync(name, expected, value, note, cancellationToken);
        }
        finally
        {
            _moving.Release();
        }
    }

    async ValueTask<bool> DecideAsync(string name, string? expected, string? value, string note, CancellationToken cancellationToken)
    {
        var isTried = false;
        while (true)
        {
            var version = _folder.State.MoveVersion;
            string? now = null;
            var isKnown = false;
            if (FindMove(name) is null)
            {
                // With nothing on its way and the store behind within reach, it is the store behind's to say.
                if (_folder.State is { LagBytes: 0, Moves: 0 })
                {
                    if (await TryMoveNowAsync(name, expected, value, note, cancellationToken) is { } isMoved)
                        return isMoved;
                    isTried = true;
                }

                (isKnown, now) = await TryReadBehindAsync(name, expected, cancellationToken);

                // It was made, and the answer was lost.
                if (isTried && isKnown && now == value)
                    return true;
            }

            var done = _folder.Locked(_ => version != _folder.State.MoveVersion ? (bool?)null : Queue(name, expected, value, note, isKnown, now));
            if (done is { } isDone)
                return isDone;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RefMovement> ReadLogAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        RefName.Check(name);
        var moves = ReadMoves();
        foreach (var movement in await LogBehindAsync(name, cancellationToken))
            yield return movement;
        foreach (var move in moves)
        {
            if (move.Name == name)
                yield return new RefMovement(move.When, move.Value, move.Note);
        }
    }

    List<QueuedMove> ReadMoves() => _folder.State.Moves > 0 ? _folder.ReadMoves(_moves) : [];

    QueuedMove? FindMove(string name) => ReadMoves().FindLast(move => move.Name == name);

    // What is written past the queue may need what another process has put into it.
    async ValueTask SendBeforeAsync(CancellationToken cancellationToken)
    {
        if (_folder.State is not { LagBytes: 0, Moves: 0 })
            await CatchUpAsync(cancellationToken);
    }

    bool Queue(string name, string? expected, string? value, string note, bool isKnown, string? now)
    {
        var waiting = _moves.Read().FindLast(move => move.Name == name);
        if (waiting is not null)
            (isKnown, now) = (true, waiting.Value);

        // Of a name of which nothing is known a first value can be set: if there is one behind after all, the movement turns out a conflict.
        if (isKnown ? now != expected : expected is not null)
            return false;

        // Before it is written: who counts too many looks and finds that out, who counts too few would not look.
        _folder.State.Moves++;
        _folder.State.MoveVersion++;
        _moves.Add(name, expected, value, note, _folder.State.QueueEnd);
        return true;
    }

    async ValueTask<bool?> TryMoveNowAsync(string name, string? expected, string? value, string note, CancellationToken cancellationToken)
    {
        try
        {
            return await MoveBehindAsync(name, expected, value, note, cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            return null;
        }
        catch (StoreFullException)
        {
            return null;
        }
    }

    async ValueTask<bool> MoveBehindAsync(string name, string? expected, string? value, string note, CancellationToken cancellationToken)
    {
        var isMoved = await Refs.TryMoveAsync(name, expected, value, note, cancellationToken);
        if (isMoved)
            _known.NoteMove(name, value, note, _options.Time.GetUtcNow());
        return isMoved;
    }

    async ValueTask<(bool IsKnown, string? Value)> TryReadBehindAsync(string name, string? expected, CancellationToken cancellationToken)
    {
        try
        {
            return (true, await ReadBehindAsync(name, cancellationToken));
        }
        catch (StoreUnavailableException) when (expected is null)
        {
            return (false, null);
        }
    }

    async ValueTask<string?> ReadBehindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var value = await Refs.ReadAsync(name, cancellationToken);
            _known.NoteValue(name, value);
            return value;
        }
        catch (StoreUnavailableException) when (_known.TryGetValue(name, out var known))
        {
            return known;
        }
    }

    async ValueTask<List<string>> ListBehindAsync(string prefix, CancellationToken cancellationToken)
    {
        try
        {
            var names = await Refs.ListAsync(prefix, cancellationToken).ToListAsync(cancellationToken);
            _known.NoteList(prefix, names);
            return names;
        }
        catch (StoreUnavailableException) when (_known.FindList(prefix) is { } known)
        {
            return known;
        }
    }

    async ValueTask<List<RefMovement>> LogBehindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var log = await Refs.ReadLogAsync(name, cancellationToken).ToListAsync(cancellationToken);
            _known.NoteLog(name, log);
            return log;
        }
        catch (StoreUnavailableException) when (_known.FindLog(name) is { } known)
        {
            return known;
        }
    }

    IRefStore Refs => Backing as IRefStore ?? throw new NotSupportedException($"{Backing.Description} keeps no references");

    BlockHash[] ListQueued(BlockHash? after, CancellationToken cancellationToken)
    {
        var names = new SortedSet<BlockHash>();
        var (sent, end) = (_folder.State.Sent, _folder.State.QueueEnd);
        foreach (var segment in _folder.Locked(static segments => segments.Queue()))
        {
            if (segment < (uint)(sent >> 32) || sent >= end)
                continue;
            using var reader = new QueueReader(_folder.Files, _folder.Config, segment, sent, end);
            while (reader.MoveNext(cancellationToken))
            {
                for (var i = 0; i < reader.Frame.Header.Blocks; i++)
                {
                    if (after is not { } first || reader.BlockAt(i).Hash > first)
                        names.Add(reader.BlockAt(i).Hash);
                }
            }
        }

        return [.. names];
    }

    /// <summary>Waits until what is offered fits into the queue.</summary>
    /// <exception cref="StoreFullException">Nothing was sent for too long.</exception>
    async ValueTask WaitForRoomAsync(long bytes, CancellationToken cancellationToken)
    {
        var start = _options.Time.GetTimestamp();
        while (_folder.State.LagBytes is > 0 and var lag && (lag + bytes > _options.MostLag || _folder.IsTableFull))
        {
            if (_options.Time.GetElapsedTime(start) >= _options.Patience)
            {
                throw new StoreFullException(
                    Description, $"{lag} bytes wait to be sent and max_lag is {_options.MostLag}{(_sender.LastError is { } why ? $"; {why}" : "")}");
            }

            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(_sender.NextStep, Task.Delay(_look, _options.Time, enough.Token));
            await enough.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Sends what is queued, now and then, until the store is closed.</summary>
    async Task SendAlwaysAsync()
    {
        var pause = _options.SendDelay;
        try
        {
            while (true)
            {
                await Task.Delay(pause, _options.Time, _stopped.Token);
                pause = await TrySendNowAsync() ? _options.SendDelay : Longer(pause);
            }
        }
        catch (OperationCanceledException)
        {
            // The store is being closed.
        }
    }

    TimeSpan Longer(TimeSpan pause)
    {
        var next = pause * 2 < _options.FirstPause ? _options.FirstPause : pause * 2;
        return next > _options.LongestPause ? _options.LongestPause : next;
    }

    async Task<bool> TrySendNowAsync()
    {
        if (_folder.State is { LagBytes: 0, Moves: 0 })
            return true;
        try
        {
            await _sender.TrySendAsync(_stopped.Token);
            return true;
        }
        catch (Exception fault) when (fault is StoreUnavailableException or StoreFullException)
        {
            // Kept by the sender, which whoever asks is told.
            return false;
        }
    }

    /// <summary>Gives what waits some time, as long as it gets on.</summary>
    async Task LingerAsync()
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
        try
        {
            enough.CancelAfter(_options.Linger);
            await CatchUpAsync(enough.Token);
        }
        catch (Exception fault) when (fault is OperationCanceledException or StoreUnavailableException or StoreFullException or IOException)
        {
            // The next process sends it.
        }
    }
}
