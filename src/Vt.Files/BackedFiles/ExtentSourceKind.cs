namespace Vt.Files.BackedFiles;

/// <summary>Where the bytes of an extent come from.</summary>
enum ExtentSourceKind : byte
{
    /// <summary>They are zero.</summary>
    Zero,

    /// <summary>They lie in the log.</summary>
    Log,

    /// <summary>They are a range of content in the store.</summary>
    Stored,
}
