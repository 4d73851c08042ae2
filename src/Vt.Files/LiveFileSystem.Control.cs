using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Files.Access;
using Vt.Files.BackedFiles;
using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Trees.Dirents;

namespace Vt.Files;

/// <content>The attributes that no listing shows, by which a mount is controlled.</content>
public sealed partial class LiveFileSystem
{
    /// <summary>The attribute that holds a file's block reference as text. Reading it stores the file; setting it makes that the content.</summary>
    public static ReadOnlySpan<byte> BlockAttribute => "x-vt-block"u8;

    /// <summary>The attribute that, when it is set on anything, makes a checkpoint; its value doesn't matter.</summary>
    public static ReadOnlySpan<byte> SyncAttribute => "x-vt-sync"u8;

    /// <summary>Whether setting an attribute of this name changes a file's content.</summary>
    public static bool ReplacesContent(ReadOnlySpan<byte> name) =>
        name.SequenceEqual(BlockAttribute) || name.SequenceEqual(CropAttribute) || name.SequenceEqual(SpliceAttribute) || name.SequenceEqual(ComposeAttribute);

    async ValueTask<Outcome<ReadOnlyMemory<byte>>> GetControlAsync(Inode inode, ReadOnlyMemory<byte> name, CancellationToken cancellationToken)
    {
        if (name.Span.SequenceEqual(DirentAttribute))
            return await GetDirentAsync(inode, cancellationToken);
        if (name.Span.SequenceEqual(ClonedAttribute))
            return GetCloned(inode);
        if (name.Span.SequenceEqual(FlatAttribute))
            return HasFlatCopy(inode) ? (ReadOnlyMemory<byte>)"1"u8.ToArray() : Errno.ENODATA;
        if (!name.Span.SequenceEqual(BlockAttribute) || inode.Kind != DirentKind.File)
            return Errno.ENODATA;
        var content = await _checkpointer.StoreFileAsync(inode, _tree.ContentOf(inode), TakeStored, cancellationToken);
        return (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes(content.ToString());
    }

    async ValueTask<Errno> SetControlAsync(Caller caller, Inode inode, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        if (name.Span.SequenceEqual(SyncAttribute))
            return await SyncAsync(cancellationToken);
        if (ReplacesEntries(name.Span))
            return await SetDirentAsync(caller, inode, value, cancellationToken);
        if (name.Span.SequenceEqual(FlatAttribute))
            return await FlattenAsync(inode, cancellationToken);
        if (!ReplacesContent(name.Span))
            return Errno.EOPNOTSUPP;
        if (!name.Span.SequenceEqual(BlockAttribute))
            return await SetRangesAsync(caller, inode, name, value, cancellationToken);
        if (inode.Kind != DirentKind.File)
            return Errno.EINVAL;
        if (!BlockRef.TryParse(Encoding.ASCII.GetString(value.Span), out var content))
            return Errno.EINVAL;
        var outcome = await GuardAsync<bool>(inode, "replacing the content", async () =>
        {
            if (!await IsThereAsync(content, cancellationToken))
                return Errno.ENOENT;
            if (!_space.TryTakeContent(content.Span))
                return Errno.ENOSPC;
            var error = Change(
                inode, "replacing the content", Stored(caller), _ => _record.Replace(inode.Id, content), file => file.Replace(content, _tree.Epoch), file => _options.IsAppendOnly && file.Size > 0);
            return error == Errno.OK ? true : error;
        });
        return outcome.Error;
    }

    async ValueTask<Errno> SyncAsync(CancellationToken cancellationToken)
    {
        var outcome = await GuardAsync<bool>(_tree.Root, "making a checkpoint", async () =>
        {
            await CheckpointAsync(cancellationToken);
            return true;
        });
        return outcome.Error;
    }

    // A store that is complete has all below what it has.
    async ValueTask<bool> IsThereAsync(BlockRef content, CancellationToken cancellationToken)
    {
        var whole = content.Kind == BlockRefKind.Slice ? content.SliceOf : content;
        if (!whole.HasHash)
            return true;
        var present = new bool[1];
        await _store.ContainsManyAsync(new[] { whole.Hash }, present, cancellationToken);
        return present[0];
    }

    // While the file's bytes in the log are held here, no drop frame can come before the record that takes their place.
    void TakeStored(Inode inode, BackedFile file, ContentSnapshot snapshot, BlockRef stored, long? holes)
    {
        var before = file.Sources(snapshot.Offset, snapshot.Length);
        var isTold = false;
        try
        {
            file.Complete(snapshot, stored, holes);
            RecordStored(inode, file, Math.Min(snapshot.End, file.Size));
            isTold = true;
        }
        finally
        {
            if (isTold)
                Release(before);
            else
                file.PutAll(before, 0, _tree.Epoch);
        }
    }

    // The file's content has just come to be stored: says so to who replays, before what it was in the log may go.
    void RecordStored(Inode inode, BackedFile file, long end)
    {
        if (inode.IsOrphan)
            return;
        _record.Begin(Now());
        Bind(inode);
        if (file.IsClean)
        {
            _record.Replace(inode.Id, file.Backing);
        }
        else
        {
            var pieces = file.Sources(0, end);
            foreach (var (offset, length, source) in pieces)
            {
                if (source.Kind != ExtentSourceKind.Stored)
                    continue;
                SplitRecord();
                RecordSource(inode, offset, length, source);
            }

            Release(pieces);
        }

        _record.Status(inode.Id, inode.Status);
        Append();
    }
}
