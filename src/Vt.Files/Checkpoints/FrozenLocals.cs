using Vt.Files.BackedFiles;
using Vt.Files.Inodes;
using Vt.Files.Journal;

namespace Vt.Files.Checkpoints;

/// <summary>What was local at a checkpoint's instant.</summary>
/// <param name="Number">The epoch that began then.</param>
sealed record FrozenLocals(uint Number) : IDisposable
{
    /// <summary>The records of the list, as far as they could be told at once.</summary>
    public List<ReadOnlyMemory<byte>> Records { get; } = [];

    /// <summary>Whether there is anything to list.</summary>
    public bool IsEmpty { get; set; }

    /// <summary>Files of which something lies where it can't stay.</summary>
    public List<(Inode Inode, BackedFile File, ContentSnapshot Content)> Moving { get; } = [];

    /// <summary>Where it lies now, of each of these.</summary>
    public List<List<(long Offset, long Length, LogPlace Place)>> Moved { get; } = [];

    /// <summary>What was written for that, with a hold on each.</summary>
    public List<(LogPlace Place, long Length)> Written { get; } = [];

    /// <summary>The files that the list names, each held for it.</summary>
    public HashSet<uint> Segments { get; } = [];

    /// <summary>The bulk files that are to be emptied.</summary>
    public required HashSet<uint> Wasted { get; init; }

    /// <summary>The list, once it is written; null where there is nothing to list.</summary>
    public LocalList? List { get; set; }

    /// <summary>Lets go of the contents.</summary>
    public void Dispose()
    {
        foreach (var (_, _, content) in Moving)
            content.Dispose();
    }
}
