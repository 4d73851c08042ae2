using System.Buffers;

namespace Vt.Stores.S3.Reading;

/// <summary>
/// A part of a pack that was asked for or is there. Counted: the cache and each reader hold it. Thread-safe once it is read.
/// </summary>
/// <param name="slot">The pack's number.</param>
/// <param name="start">Where it starts in the pack, in bytes.</param>
/// <param name="asked">How many bytes were asked for.</param>
sealed class PackRange(uint slot, long start, int asked)
{
    readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    byte[] _bytes = [];
    int _references = 1;

    /// <summary>The pack's number.</summary>
    public uint Slot => slot;

    /// <summary>Where it starts.</summary>
    public long Start => start;

    /// <summary>How many bytes were asked for.</summary>
    public int Asked => asked;

    /// <summary>Where what was asked for ends.</summary>
    public long End => start + asked;

    /// <summary>How many bytes there are: fewer than asked for at the pack's end; -1 where there is no such pack. Known once it is read.</summary>
    public int Length { get; private set; }

    /// <summary>Completes when the bytes are there; fails as the request did.</summary>
    public Task WhenRead => _read.Task;

    /// <summary>Its place in the order of use; the cache's.</summary>
    public LinkedListNode<PackRange>? Use { get; set; }

    /// <summary>Whether the range behind it was asked for already; the cache's.</summary>
    public bool IsFollowed { get; set; }

    /// <summary>Copies what it has of an extent.</summary>
    /// <param name="offset">Where the extent goes on, in the pack; within the part, or behind its bytes where the pack ends.</param>
    /// <param name="destination">Receives the rest of the extent.</param>
    /// <returns>How many bytes it had.</returns>
    public int CopyTo(long offset, Span<byte> destination)
    {
        var found = _bytes.AsSpan(0, Math.Max(0, Length))[(int)Math.Min(Math.Max(0, Length), offset - start)..];
        found = found[..Math.Min(found.Length, destination.Length)];
        found.CopyTo(destination);
        return found.Length;
    }

    /// <summary>Reads it by a request.</summary>
    public async Task ReadAsync(Func<Memory<byte>, Task<int>> request)
    {
        _bytes = ArrayPool<byte>.Shared.Rent(asked);
        try
        {
            Length = await request(_bytes.AsMemory(0, asked));
            _read.SetResult();
        }
        catch (Exception failed) when (_read.TrySetException(failed))
        {
            // Every reader gets it; one that nobody waits for is no fault of anybody's.
            _ = _read.Task.Exception;
        }
    }

    /// <summary>Holds it, unless the last holder let go.</summary>
    public bool TryAcquire()
    {
        var references = Volatile.Read(ref _references);
        while (references > 0)
        {
            var seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references)
                return true;
            references = seen;
        }

        return false;
    }

    /// <summary>Lets go.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0 || _bytes.Length == 0)
            return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }
}
