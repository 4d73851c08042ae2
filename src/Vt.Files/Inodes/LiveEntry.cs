namespace Vt.Files.Inodes;

/// <summary>What is known of a name.</summary>
/// <param name="Inode">What it leads to; null where there is no such name (any more).</param>
/// <param name="Stamp">The epoch in which that last changed; 0 where it is as it is stored; <see cref="LocalStamp"/> of a local name.</param>
/// <param name="IsHiding">Of a local name, whether the stored entries may have one like it, which is to go with the next checkpoint.</param>
readonly record struct LiveEntry(Inode? Inode, uint Stamp, bool IsHiding = false)
{
    /// <summary>Newer than any epoch: a local name never comes to be as it is stored.</summary>
    public const uint LocalStamp = uint.MaxValue;

    /// <summary>Whether the name is in no state of the archive.</summary>
    public bool IsLocal => Stamp == LocalStamp;
}
