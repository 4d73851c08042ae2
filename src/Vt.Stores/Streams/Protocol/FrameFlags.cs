namespace Vt.Stores.Streams.Protocol;

/// <summary>What a frame is besides its verb.</summary>
[Flags]
public enum FrameFlags : byte
{
    /// <summary>A request, whole.</summary>
    None = 0,

    /// <summary>An answer.</summary>
    Reply = 1,

    /// <summary>Of an answer: more frames of it follow.</summary>
    More = 2,

    /// <summary>Of an answer: it could not be done; the body says why, see <see cref="StreamFault"/>.</summary>
    Fault = 4,
}
