using Vt.Blocks.BlockTree;

namespace Vt.Files.Inodes;

/// <content>How many entries a stored directory has.</content>
sealed partial class LiveTree
{
    /// <summary>Counts what is stored of a directory, which its link count and the check for emptiness need.</summary>
    public ValueTask CountAsync(Inode directory, CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            if (directory.Directory!.IsCounted)
                return default;
        }

        return CountStoredAsync(directory.Directory, cancellationToken);
    }

    async ValueTask CountStoredAsync(LiveDirectory directory, CancellationToken cancellationToken)
    {
        while (true)
        {
            BlockRef stored;
            lock (Gate)
            {
                if (directory.IsCounted)
                    return;
                stored = directory.Stored;
            }

            var root = await _reader.GetRootAsync(stored, cancellationToken: cancellationToken);
            lock (Gate)
            {
                if (directory.Stored != stored || directory.IsCounted)
                    continue;

                // What was added and removed meanwhile has been counted from where the stored entry left off.
                directory.Count += root.Entries;
                directory.IsCounted = true;
                return;
            }
        }
    }
}
