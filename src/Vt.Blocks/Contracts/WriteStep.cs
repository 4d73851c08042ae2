namespace Vt.Blocks.Contracts;

/// <summary>What a <see cref="WriteBoundary"/> lies before or after.</summary>
public enum WriteStep
{
    /// <summary>Bytes go to a file's range.</summary>
    Write,

    /// <summary>A line goes to a file's end.</summary>
    Append,

    /// <summary>A file becomes durable.</summary>
    SyncFile,

    /// <summary>A folder's names become durable.</summary>
    SyncFolder,

    /// <summary>A file is made.</summary>
    Create,

    /// <summary>A file gets another name.</summary>
    Rename,

    /// <summary>A file is cut short.</summary>
    Truncate,

    /// <summary>A file's name goes.</summary>
    Unlink,
}
