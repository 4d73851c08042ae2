namespace Vt.Tests.Support.S3;

/// <summary>What can go wrong with a request.</summary>
public enum WireFault
{
    /// <summary>The connection is refused: the server sees nothing.</summary>
    NoConnection,

    /// <summary>The connection is cut while the body is sent: the server sees a part and makes nothing of it.</summary>
    CutUpload,

    /// <summary>The server does what it was asked to, and the answer is lost.</summary>
    LostAnswer,

    /// <summary>The server does it and answers 500.</summary>
    DoneButError,

    /// <summary>The server does nothing and answers 500.</summary>
    Error,

    /// <summary>The server does nothing and answers 503 SlowDown.</summary>
    SlowDown,

    /// <summary>The server does nothing and answers 404 without a reason, as something that is no S3 server does.</summary>
    NotFound,

    /// <summary>The answer's body ends early.</summary>
    CutAnswer,

    /// <summary>A bit of the answer's body is flipped.</summary>
    FlippedBit,
}
