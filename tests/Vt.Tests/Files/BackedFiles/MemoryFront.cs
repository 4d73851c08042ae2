using Vt.Files.Journal;

namespace Vt.Tests.Files.BackedFiles;

/// <summary>A log in memory that counts the holds on each byte and refuses to read what nobody holds.</summary>
sealed class MemoryFront : IFrontData
{
    const int SegmentLength = 1 << 20;

    // Guards the fields below.
    readonly Lock _gate = new();
    readonly List<(byte[] Bytes, int[] Holds)> _segments = [];
    int _filled = SegmentLength;

    /// <summary>How many holds there are on all bytes together.</summary>
    public long Held { get; private set; }

    /// <summary>Puts bytes into the log with one hold on them.</summary>
    public LogPlace Append(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (SegmentLength - _filled < bytes.Length)
            {
                var length = Math.Max(SegmentLength, bytes.Length);
                _segments.Add((new byte[length], new int[length]));
                _filled = 0;
            }

            var (segment, holds) = _segments[^1];
            bytes.CopyTo(segment.AsSpan(_filled));
            holds.AsSpan(_filled, bytes.Length).Fill(1);
            Held += bytes.Length;
            var place = new LogPlace((uint)(_segments.Count - 1), _filled);
            _filled += bytes.Length;
            return place;
        }
    }

    public void Read(LogPlace place, Span<byte> destination)
    {
        lock (_gate)
        {
            var (bytes, holds) = _segments[(int)place.Segment];
            Assert.True(holds.AsSpan((int)place.Offset, destination.Length).IndexOf(0) < 0, "what is read is held");
            bytes.AsSpan((int)place.Offset, destination.Length).CopyTo(destination);
        }
    }

    public void Retain(LogPlace place, long length) => Change(place, length, 1);

    public void Release(LogPlace place, long length) => Change(place, length, -1);

    void Change(LogPlace place, long length, int by)
    {
        lock (_gate)
        {
            var (bytes, holds) = _segments[(int)place.Segment];
            for (var i = (int)place.Offset; i < place.Offset + length; i++)
            {
                Assert.True(holds[i] > 0, "what is held or let go of is held");
                holds[i] += by;

                // Whoever reads what nobody holds gets what nobody wrote.
                if (holds[i] == 0)
                    bytes[i] = 0xee;
            }

            Held += by * length;
        }
    }
}
