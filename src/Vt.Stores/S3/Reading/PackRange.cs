using System.Buffers;
using Vt.Stores.DataDir.Packs;

namespace Vt.Stores.S3.Reading;

/// <summary>
/// A part of a pack that was asked for or is there, from a frame's start on. Counted: the cache and each reader hold it. Thread-safe once it is read.
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

    /// <summary>How many bytes there are: fewer than asked for at the pack's end; -1 where there is no such pack. Known once it is read.</summary>
    public int Length { get; private set; }

    /// <summary>Where the last whole frame ends. Known once it is read.</summary>
    public long FramesEnd { get; private set; }

    /// <summary>Completes when the bytes are there; fails as the request did.</summary>
    public Task WhenRead => _read.Task;

    /// <summary>Its place in the order of use; the cache's.</summary>
    public LinkedListNode<PackRange>? Use { get; set; }

    /// <summary>Whether the range behind it was asked for already; the cache's.</summary>
    public bool IsFollowed { get; set; }

    /// <summary>Whether all of an extent was asked for.</summary>
    public bool Covers(long offset, long length) => offset >= start && offset + length <= start + asked;

    /// <summary>The bytes of a frame that is wholly there; shorter where the pack ends.</summary>
    public ReadOnlySpan<byte> Span(long offset, int length) =>
        _bytes.AsSpan(0, Math.Max(0, Length))[(int)Math.Min(Math.Max(0, Length), offset - start)..][..(int)Math.Clamp(start + Length - offset, 0, length)];

    /// <summary>Reads it by a request.</summary>
    public async Task ReadAsync(Func<Memory<byte>, Task<int>> request)
    {
        _bytes = ArrayPool<byte>.Shared.Rent(asked);
        try
        {
            Length = await request(_bytes.AsMemory(0, asked));
            FramesEnd = start + FramesLength();
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

    // By what the headers claim: a lie costs a request and no more, since each frame is checked when it is read.
    int FramesLength()
    {
        var at = 0;
        while (Length - at >= FrameHeader.FixedSize)
        {
            var header = _bytes.AsSpan(at, Length - at);
            var claimed = FrameHeader.ClaimedHeaderSize(header);
            var stored = System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(header[28..]);
            if (claimed == 0 || stored < 0 || stored > FrameHeader.LongestPayload || FrameHeader.Pad(claimed + stored) > Length - at)
                break;
            at += (int)FrameHeader.Pad(claimed + stored);
        }

        return at;
    }
}
