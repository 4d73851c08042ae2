using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;
using Vt.Stores.References;
using Vt.Stores.S3.Access;

namespace Vt.Stores.S3.Refs;

/// <summary>
/// References: an object each, moved by a put on the condition that it is still the object that was read. doc/design/009-s3.md says why that is safe. Thread-safe.
/// </summary>
/// <remarks>
/// 1. A body is never written twice: each movement has a token of its own, so a tag never comes back. 2. Whatever the answer to a put was, it is the reference's
/// log that decides: a mover that finds its token there has moved, and one that finds other movements behind what it had read and not its token never will have.
/// 3. While neither is so, the same body is put again on the same condition, which makes the movement once at most.
/// </remarks>
/// <param name="bucket">The bucket.</param>
/// <param name="isSingleWriter">Whether movements are made without conditions.</param>
/// <param name="patience">How long a movement is tried.</param>
sealed class S3References(S3Bucket bucket, bool isSingleWriter, TimeSpan patience) : IDisposable
{
    // A body of this size costs what an empty one costs; the movements before go to an object of their own.
    const int FullBody = 32 << 10;
    const int KeptMovements = 8;
    const int MostHeld = 4096;

    readonly ConcurrentDictionary<string, HeldRef> _held = new(StringComparer.Ordinal);

    // Held by whoever moves a reference without conditions: threads of one process are several writers too.
    readonly SemaphoreSlim _alone = new(1);
    long _lastRead = long.MinValue;

    /// <summary>The clock's count when a reference was read or moved last: whatever it names was there then.</summary>
    public long LastRead => Interlocked.Read(ref _lastRead);

    /// <summary>The value now; null where there is none.</summary>
    public async Task<string?> ReadAsync(string name, CancellationToken cancellationToken) => (await FetchAsync(name, cancellationToken))?.Object.Value;

    /// <summary>Every name that has a value, in ordinal order. Only references that have moved since they were last looked at are read.</summary>
    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = await bucket.ListAsync(S3Layout.Ref(prefix), cancellationToken);
        var live = new ConcurrentBag<string>();
        var pace = new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(rows, pace, async (row, token) =>
        {
            var name = row.Key[S3Layout.Refs.Length..];
            if (!RefName.IsValid(name))
                return;
            var held = _held.TryGetValue(name, out var known) && known.ETag == row.ETag ? known : await FetchAsync(name, token);
            if (held?.Object.Value is not null)
                live.Add(name);
        });
        foreach (var name in live.Order(StringComparer.Ordinal))
            yield return name;
    }

    /// <summary>Every movement, oldest first.</summary>
    public async IAsyncEnumerable<RefMovement> ReadLogAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var parts = new Stack<RefObject>();
        for (var part = (await FetchAsync(name, cancellationToken))?.Object; part is not null; part = await OlderAsync(part, cancellationToken))
            parts.Push(part);
        foreach (var part in parts)
        {
            foreach (var moved in part.Movements)
                yield return moved.Movement;
        }
    }

    /// <summary>Moves a name.</summary>
    /// <returns>False where it had another value.</returns>
    /// <exception cref="StoreUnavailableException">It is not known whether it was moved, or it could not be.</exception>
    public async Task<bool> TryMoveAsync(string name, string? expected, string? value, string note, CancellationToken cancellationToken)
    {
        if (!isSingleWriter)
            return await TryMoveSharedAsync(name, expected, value, note, cancellationToken);
        await _alone.WaitAsync(cancellationToken);
        try
        {
            var held = await FetchAsync(name, cancellationToken);
            if (held?.Object.Value != expected)
                return false;
            var moved = new MovedRef(new RefMovement(LaterThan(held), value, note), ConditionProbe.Token());
            await PutAloneAsync(await MakeBodyAsync(name, held, moved, cancellationToken), moved.Token, cancellationToken);
            return true;
        }
        finally
        {
            _alone.Release();
        }
    }

    async Task<bool> TryMoveSharedAsync(string name, string? expected, string? value, string note, CancellationToken cancellationToken)
    {
        // Usually whoever moves a name is who moved it last: then reading it first is not worth a request.
        var held = _held.TryGetValue(name, out var known) && known.Object.Value == expected ? known : await FetchAsync(name, cancellationToken);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (held?.Object.Value != expected)
                return false;
            var moved = new MovedRef(new RefMovement(LaterThan(held), value, note), ConditionProbe.Token());
            var body = await MakeBodyAsync(name, held, moved, cancellationToken);
            if (await PutAsync(name, body, held, moved.Token))
                return true;
            await DropOlderAsync(body, held, cancellationToken);
            held = await FetchAsync(name, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _alone.Dispose();

    /// <summary>Puts a body until it is certain what became of it: nobody may give up between the put and its answer, and the deadline bounds it.</summary>
    /// <returns>Whether the movement was made.</returns>
    async Task<bool> PutAsync(string name, RefObject body, HeldRef? held, string token)
    {
        var cancellationToken = CancellationToken.None;
        var bytes = body.ToBytes();
        var condition = held is null ? PutCondition.Absent : PutCondition.Unchanged(held.ETag);
        var backoff = bucket.NewBackoff(patience);
        var wasFlipped = false;
        while (true)
        {
            var outcome = await bucket.TryPutAsync(S3Layout.Ref(name), bytes, condition, cancellationToken);
            if (outcome.Kind == PutOutcomeKind.Done && outcome.ETag.Length > 0)
            {
                Hold(name, new HeldRef(body, outcome.ETag));
                return true;
            }

            if (outcome.Kind == PutOutcomeKind.NotOffered)
            {
                throw new UserErrorException(
                    $"{bucket.Description}: the server has no conditional puts, so references can't be moved safely; see \"references\" in vtrc(5)", outcome.Cause);
            }

            var now = await FetchAsync(name, cancellationToken);
            if (now?.ETag != held?.ETag)
                return now is not null && await HasMovedAsync(now.Object, held?.Object, token, cancellationToken);

            // Refused, though it is what it was: a server that wants tags to be written the other way. Or nothing is known, and the same put decides it.
            if (outcome.Kind == PutOutcomeKind.Refused && held is not null && !wasFlipped)
            {
                bucket.QuotesTags = !bucket.QuotesTags;
                wasFlipped = true;
                continue;
            }

            wasFlipped = false;
            if (!await backoff.WaitAsync(cancellationToken))
            {
                throw new StoreUnavailableException(
                    bucket.Description, $"moving {name}: it is not known whether the server has done it; read it again", isTransient: true, outcome.Cause);
            }
        }
    }

    /// <summary>Puts a body without a condition, and looks whether it stayed: what a server without conditions allows one writer.</summary>
    async Task PutAloneAsync(RefObject body, string token, CancellationToken cancellationToken)
    {
        await bucket.PutAsync(S3Layout.Ref(body.Name), body.ToBytes(), isBulk: false, cancellationToken);
        if ((await FetchAsync(body.Name, cancellationToken))?.Object.Movements[^1].Token != token)
            throw new StoreUnavailableException(bucket.Description, $"moving {body.Name}: somebody else has moved it too, though this store is for one writer");
    }

    /// <summary>Whether a movement stands in a log, behind what was its last movement before.</summary>
    async Task<bool> HasMovedAsync(RefObject now, RefObject? before, string token, CancellationToken cancellationToken)
    {
        var last = before?.Movements[^1].Token;
        for (RefObject? part = now; part is not null; part = await OlderAsync(part, cancellationToken))
        {
            for (var i = part.Movements.Count - 1; i >= 0; i--)
            {
                if (part.Movements[i].Token == token)
                    return true;
                if (part.Movements[i].Token == last)
                    return false;
            }
        }

        return false;
    }

    /// <summary>The body with one movement more. Where it would be large, older ones are first written elsewhere.</summary>
    async Task<RefObject> MakeBodyAsync(string name, HeldRef? held, MovedRef moved, CancellationToken cancellationToken)
    {
        if (held is null)
            return new RefObject(name, "", [moved]);
        var whole = new RefObject(name, held.Object.Older, [.. held.Object.Movements, moved]);
        if (whole.Movements.Count <= KeptMovements || SizeOf(whole) <= FullBody)
            return whole;
        var older = held.Object with { Movements = [.. whole.Movements.SkipLast(KeptMovements)] };
        var token = ConditionProbe.Token();
        await bucket.PutAsync(S3Layout.RefLog(name, token), older.ToBytes(), isBulk: false, cancellationToken);
        return new RefObject(name, token, [.. whole.Movements.TakeLast(KeptMovements)]);
    }

    /// <summary>Deletes what was written for a movement that will never be made.</summary>
    Task DropOlderAsync(RefObject body, HeldRef? held, CancellationToken cancellationToken) =>
        body.Older == (held?.Object.Older ?? "") ? Task.CompletedTask : bucket.DeleteAsync(S3Layout.RefLog(body.Name, body.Older), cancellationToken);

    async Task<RefObject?> OlderAsync(RefObject part, CancellationToken cancellationToken)
    {
        if (part.Older.Length == 0)
            return null;
        var key = S3Layout.RefLog(part.Name, part.Older);
        return await bucket.TryGetAsync(key, cancellationToken) is { } found
            ? ParseAt(key, found.Bytes, part.Name)
            : throw new StoreUnavailableException(bucket.Description, $"older movements of {part.Name} are gone: there is no {key}");
    }

    async Task<HeldRef?> FetchAsync(string name, CancellationToken cancellationToken)
    {
        var key = S3Layout.Ref(name);
        var found = await bucket.TryGetAsync(key, cancellationToken);
        Interlocked.Exchange(ref _lastRead, bucket.Clock.GetTimestamp());
        if (found is not { } got)
        {
            _held.TryRemove(name, out _);
            return null;
        }

        var held = new HeldRef(ParseAt(key, got.Bytes, name), got.ETag);
        Hold(name, held);
        return held;
    }

    RefObject ParseAt(string key, byte[] bytes, string name)
    {
        try
        {
            return RefObject.Parse(bytes, name);
        }
        catch (FormatInvalidException fault)
        {
            throw new StoreUnavailableException(bucket.Description, $"{key} is damaged: {fault.Message}", isTransient: false, fault);
        }
    }

    void Hold(string name, HeldRef held)
    {
        if (_held.Count >= MostHeld)
            _held.Clear();
        _held[name] = held;
    }

    // Clocks of several machines may differ; a log that goes back in time would be read wrongly.
    DateTimeOffset LaterThan(HeldRef? held)
    {
        var now = bucket.Clock.GetUtcNow();
        return held is { } && held.Object.Movements[^1].Movement.When > now ? held.Object.Movements[^1].Movement.When : now;
    }

    static int SizeOf(RefObject body)
    {
        var size = 0;
        foreach (var (movement, token) in body.Movements)
            size += token.Length + (movement.Value?.Length ?? 0) + movement.Note.Length + 50;
        return size;
    }
}
