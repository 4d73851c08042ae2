namespace Vt.Ftp;

/// <summary>What a word of a command is, for completion.</summary>
enum FtpArgument
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A path in the session's tree.</summary>
    Remote,

    /// <summary>A folder in the session's tree.</summary>
    RemoteFolder,

    /// <summary>A path on the disk.</summary>
    Local,

    /// <summary>A folder on the disk.</summary>
    LocalFolder,

    /// <summary>A command.</summary>
    Command,
}
