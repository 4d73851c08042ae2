using System.Buffers;
using System.Threading.Channels;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Proxy;

/// <summary>
/// Copies blocks that were read from far stores to near ones, behind the reader's back: of a bounded number of bytes, since what can't be copied now is copied when
/// it is read again. Its failures are counted and hurt nobody. Thread-safe.
/// </summary>
sealed class CopyQueue : IAsyncDisposable
{
    const int Together = 64;
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    readonly IReadOnlyList<ProxyMember> _members;
    readonly Func<ProxyMember, CancellationToken, ValueTask> _prepare;
    readonly ProxyOptions _options;
    readonly Channel<Waiting> _waiting = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    readonly CancellationTokenSource _stopped = new();
    readonly Lock _startGate = new();
    Task? _working;
    TaskCompletionSource _idle = Done();
    long _bytes;
    long _pending;
    long _copied;
    long _dropped;
    long _failed;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="members">The stores that get copies.</param>
    /// <param name="prepare">Called before a store gets its first block.</param>
    /// <param name="options">How much may wait.</param>
    public CopyQueue(IReadOnlyList<ProxyMember> members, Func<ProxyMember, CancellationToken, ValueTask> prepare, ProxyOptions options)
    {
        _members = members;
        _prepare = prepare;
        _options = options;
    }

    /// <summary>Blocks that were copied to every store that wanted them.</summary>
    public long Copied => Interlocked.Read(ref _copied);

    /// <summary>Blocks that were not, since too many waited.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Blocks that a store did not take.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Completes when nothing waits.</summary>
    public Task WhenIdle
    {
        get
        {
            lock (_startGate)
                return _idle.Task;
        }
    }

    /// <summary>Takes a copy of a block, if there is room.</summary>
    public void Add(in BlockHash hash, ReadOnlySpan<byte> bytes)
    {
        if (_members.Count == 0)
            return;
        if (Interlocked.Add(ref _bytes, bytes.Length) > _options.CopyBytes)
        {
            Interlocked.Add(ref _bytes, -bytes.Length);
            Interlocked.Increment(ref _dropped);
            return;
        }

        var copy = ArrayPool<byte>.Shared.Rent(Math.Max(1, bytes.Length));
        bytes.CopyTo(copy);
        lock (_startGate)
        {
            if (_pending++ == 0)
                _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _working ??= Task.Run(WorkAsync);
        }

        if (!_waiting.Writer.TryWrite(new Waiting(hash, copy, bytes.Length)))
            Finish([new Waiting(hash, copy, bytes.Length)]);
    }

    /// <summary>Gives what waits a few seconds, and drops the rest.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        Task? working;
        lock (_startGate)
            working = _working;
        if (working is not null)
        {
            _stopped.CancelAfter(_patience);
            await working;
        }

        _stopped.Dispose();
    }

    static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }

    async Task WorkAsync()
    {
        var batch = new List<Waiting>(Together);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            while (batch.Count < Together && _waiting.Reader.TryRead(out var next))
                batch.Add(next);
            foreach (var member in _members)
                await CopyAsync(batch, member);
            Interlocked.Add(ref _copied, batch.Count);
            Finish(batch);
            batch.Clear();
        }
    }

    async Task CopyAsync(List<Waiting> batch, ProxyMember member)
    {
        if (_stopped.IsCancellationRequested || !member.Writing.TryEnter())
        {
            Interlocked.Add(ref _failed, batch.Count);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(batch.Sum(static waiting => waiting.Length));
        try
        {
            var slots = new BlockSlot[batch.Count];
            var at = 0;
            for (var i = 0; i < slots.Length; i++)
            {
                batch[i].Bytes.AsSpan(0, batch[i].Length).CopyTo(buffer.AsSpan(at));
                slots[i] = new BlockSlot(batch[i].Hash, at, batch[i].Length);
                at += batch[i].Length;
            }

            await _prepare(member, _stopped.Token);
            await member.Store.AddManyAsync(buffer.AsMemory(0, at), slots, _stopped.Token);
            member.Writing.Succeeded(null);
        }
        catch (Exception fault) when (ProxyMember.IsOutage(fault))
        {
            member.Writing.Failed(fault);
            Interlocked.Add(ref _failed, batch.Count);
        }
        catch (Exception fault) when (fault is OperationCanceledException or ArgumentException or ObjectDisposedException)
        {
            member.Writing.Abandoned();
            Interlocked.Add(ref _failed, batch.Count);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    void Finish(List<Waiting> batch)
    {
        foreach (var waiting in batch)
        {
            Interlocked.Add(ref _bytes, -waiting.Length);
            ArrayPool<byte>.Shared.Return(waiting.Bytes);
        }

        lock (_startGate)
        {
            _pending -= batch.Count;
            if (_pending == 0)
                _idle.TrySetResult();
        }
    }

    readonly record struct Waiting(BlockHash Hash, byte[] Bytes, int Length);
}
