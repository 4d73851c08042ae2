using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Trees.Meta;

namespace Vt.Files;

/// <content>The time of the last access.</content>
public sealed partial class LiveFileSystem
{
    static readonly TimeSpan OldAccess = TimeSpan.FromHours(24);

    /// <summary>Whether whoever shows this has to ask of each open whether what it reads may come from a cache: <see cref="IsAccessDue"/>.</summary>
    public bool TracksOpens => _options.AccessTimes is AccessTimePolicy.Relative or AccessTimePolicy.Strict;

    /// <summary>Whether the next read of a node would move the time of its last access.</summary>
    public bool IsAccessDue(NodeId node)
    {
        if (_tree.Find(node) is not { } inode || !KeepsAccess(inode))
            return false;
        lock (inode.Gate)
            return IsDue(inode.Status, Now());
    }

    /// <summary>A node was read: the time of its last access moves, where the policy says so. Nobody's reading fails for it.</summary>
    public void NoteAccess(NodeId node)
    {
        if (_tree.Find(node) is { } inode && KeepsAccess(inode))
            NoteAccess(inode);
    }

    /// <summary>Notes that whoever shows this may keep bytes of a file in a cache of his own, since they were read or written through that.</summary>
    public void NoteCached(NodeId node)
    {
        if (_tree.Find(node) is { IsCached: false } inode)
            inode.IsCached = true;
    }

    /// <summary>Whether <see cref="NoteCached"/> was called of a file since its inode came into memory.</summary>
    public bool MayBeCached(NodeId node) => _tree.Find(node) is { IsCached: true };

    bool KeepsAccess(Inode inode) =>
        _options.AccessTimes != AccessTimePolicy.Never && !(_options.OmitsDirectoryAccess && inode.Directory is not null);

    void NoteAccess(Inode inode)
    {
        var now = Now();
        lock (inode.Gate)
        {
            if (!IsDue(inode.Status, now))
                return;
            if (_options.AccessTimes == AccessTimePolicy.Lazy)
            {
                inode.Status.Accessed = now;
                return;
            }
        }

        try
        {
            using (_gate.Enter())
            {
                lock (_tree.Gate)
                {
                    lock (inode.Gate)
                    {
                        var after = inode.Status;
                        after.Accessed = now;
                        if (!inode.IsOrphan)
                        {
                            _record.Begin(now);
                            Bind(inode);
                            _record.Status(inode.Id, after);
                            Append();
                        }

                        inode.Status = after;
                    }

                    _tree.MarkChanged(inode);
                }
            }
        }
        catch (PosixException fault)
        {
            _faults.Say($"{PathOf(inode)}: noting that it was read: {fault.Message}", fault.Message);
        }
    }

    // As relatime_need_update does in the kernel.
    bool IsDue(in InodeStatus status, Timestamp now)
    {
        if (_options.AccessTimes == AccessTimePolicy.Strict)
            return true;
        var accessed = status.LastAccess;
        return accessed <= status.Modified || accessed <= status.Changed || now.Seconds - accessed.Seconds >= (long)OldAccess.TotalSeconds;
    }
}
