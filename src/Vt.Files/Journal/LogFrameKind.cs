namespace Vt.Files.Journal;

/// <summary>What a frame of a log file is.</summary>
enum LogFrameKind : byte
{
    /// <summary>No frame: the zeros of a file that was made larger ahead of need.</summary>
    None,

    /// <summary>A record of the caller's, with its data.</summary>
    Record,

    /// <summary>Says up to which offset this file, and all bulk bytes that its records name, were durable when it was written.</summary>
    Mark,

    /// <summary>Says that nothing needs a bulk file's bytes any more: records behind those that name them have taken their place.</summary>
    Drop,

    /// <summary>The file's last frame; it names the file that follows.</summary>
    End,
}
