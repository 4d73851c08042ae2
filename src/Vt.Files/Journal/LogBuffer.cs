namespace Vt.Files.Journal;

/// <summary>Frames that wait to be written to a log file. Bytes below <see cref="Length"/> never change, so they are written without a lock.</summary>
/// <param name="size">How many bytes it has room for.</param>
sealed class LogBuffer(int size)
{
    /// <summary>The frames; pinned by where it was allocated, as it goes to pwrite again and again.</summary>
    public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(size, pinned: true);

    /// <summary>The file.</summary>
    public LogSegment? Segment { get; private set; }

    /// <summary>Where in the file the buffer begins.</summary>
    public long Start { get; private set; }

    /// <summary>How many bytes are filled.</summary>
    public int Length { get; set; }

    /// <summary>How many of them were written.</summary>
    public int Written { get; set; }

    /// <summary>Where the next frame goes.</summary>
    public long End => Start + Length;

    /// <summary>Begins anew.</summary>
    public void Begin(LogSegment segment, long start)
    {
        Segment = segment;
        Start = start;
        Length = Written = 0;
    }
}
