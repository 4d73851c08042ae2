using Vt.Blocks.BlockTree;
using Vt.Posix;

namespace Vt.Files.Flat;

/// <summary>One content as a plain file. Whoever found it holds it and lets it go; the file is closed when nobody holds it, deleted or not.</summary>
/// <param name="content">What it has.</param>
/// <param name="path">Where it lies.</param>
/// <param name="file">It, open for reading; taken over.</param>
sealed class FlatFile(BlockRef content, string path, FileDescriptor file)
{
    // The first one is the catalogue's.
    int _holds = 1;

    /// <summary>What it has.</summary>
    public BlockRef Content => content;

    /// <summary>Where it lies.</summary>
    public string Path => path;

    /// <summary>It, open for reading; as long as it is held.</summary>
    public FileDescriptor File => file;

    /// <summary>When it was last asked for, as a count of such questions; guarded by the catalogue.</summary>
    public long Used { get; set; }

    /// <summary>Holds it; by the catalogue, as long as it has it.</summary>
    public void Hold() => Interlocked.Increment(ref _holds);

    /// <summary>Lets it go.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holds) == 0)
            file.Dispose();
    }
}
