namespace Vt.Files.Journal;

/// <summary>The kinds of numbered files in a live state folder.</summary>
enum LogFileKind
{
    /// <summary>A log file: records, with small pieces of data.</summary>
    Journal,

    /// <summary>A bulk file: large pieces of data that wait to be stored.</summary>
    Bulk,

    /// <summary>A bulk file of data that is not going to be stored, since it is local.</summary>
    Kept,

    /// <summary>A list of all local names and inodes at a checkpoint's instant; its number is the epoch that began then.</summary>
    Local,
}
