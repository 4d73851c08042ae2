using Vt.Trees.Dirents;

namespace Vt.Files.Inodes;

/// <content>Files that no name leads to and that somebody has open: what is written to them is in no checkpoint, and waits for nothing but their end.</content>
sealed partial class LiveTree
{
    // Innermost: asked for by who writes, with a file's gate. Guards the set, of which some may have got a name meanwhile.
    readonly Lock _namelessGate = new();
    readonly HashSet<Inode> _nameless = [];

    /// <summary>How many bytes in the log such files have.</summary>
    public long NamelessBytes
    {
        get
        {
            lock (_namelessGate)
                return _nameless.Sum(static inode => inode is { IsOrphan: true, File: { } file } ? file.FrontBytes : 0);
        }
    }

    /// <summary>A file has no name.</summary>
    public void NoteNameless(Inode inode)
    {
        if (inode.Kind != DirentKind.File)
            return;
        lock (_namelessGate)
            _nameless.Add(inode);
    }

    void ForgetNameless(Inode inode)
    {
        lock (_namelessGate)
            _nameless.Remove(inode);
    }
}
