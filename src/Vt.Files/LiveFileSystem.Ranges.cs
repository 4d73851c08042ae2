using System.Globalization;
using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Files.Access;
using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Trees.Dirents;

namespace Vt.Files;

/// <content>Contents made of ranges of what is stored, without copying a byte.</content>
public sealed partial class LiveFileSystem
{
    /// <summary>The attribute that, when it is set on a file to <c>OFFSET LENGTH</c>, leaves only this range of its content.</summary>
    public static ReadOnlySpan<byte> CropAttribute => "x-vt-crop"u8;

    /// <summary>The attribute that, when it is set on a file to <c>OFFSET LENGTH [REFERENCE]</c>, puts stored content in the place of a range, or nothing.</summary>
    public static ReadOnlySpan<byte> SpliceAttribute => "x-vt-splice"u8;

    /// <summary>The attribute that, when it is set on a file to references with blanks between, makes these in their order its content.</summary>
    public static ReadOnlySpan<byte> ComposeAttribute => "x-vt-compose"u8;

    // Who goes on writing to the file meanwhile is not waited for any longer.
    const int MostAttempts = 8;

    // A range of stored content; where none is named, of the file's own.
    readonly record struct ContentPart(BlockRef? Content, long Offset, long Length);

    // Leaves a range of a file; what lies behind the end is left out.
    ValueTask<Errno> CropAsync(Caller caller, Inode inode, long offset, long length, CancellationToken cancellationToken) =>
        RecomposeAsync(caller, inode, size => offset > size ? null : [new ContentPart(null, offset, Math.Min(length, size - offset))], cancellationToken);

    // Puts content in the place of a range.
    ValueTask<Errno> SpliceAsync(Caller caller, Inode inode, long offset, long length, BlockRef inserted, CancellationToken cancellationToken) =>
        RecomposeAsync(
            caller,
            inode,
            size =>
            {
                if (offset > size)
                    return null;
                var behind = Math.Min(size, offset + Math.Min(length, size - offset));
                return [new ContentPart(null, 0, offset), new ContentPart(inserted, 0, inserted.Span), new ContentPart(null, behind, size - behind)];
            },
            cancellationToken);

    // Makes contents one behind the other a file's content.
    ValueTask<Errno> ComposeAsync(Caller caller, Inode inode, IReadOnlyList<BlockRef> contents, CancellationToken cancellationToken) =>
        RecomposeAsync(caller, inode, _ => [.. contents.Select(static content => new ContentPart(content, 0, content.Span))], cancellationToken);

    // In one change, that is seen whole or not at all. The file is stored before, so that each part is a range of something stored.
    async ValueTask<Errno> RecomposeAsync(Caller caller, Inode inode, Func<long, List<ContentPart>?> plan, CancellationToken cancellationToken)
    {
        if (inode.Kind != DirentKind.File)
            return Errno.EINVAL;
        var outcome = await GuardAsync<bool>(inode, "recomposing the content", async () =>
        {
            var file = _tree.ContentOf(inode);
            foreach (var part in plan(file.Size) ?? [])
            {
                if (part.Content is { } content && !await IsThereAsync(content, cancellationToken))
                    return Errno.ENOENT;
                if (part.Content is not null && !_space.TryTakeContent(part.Length))
                    return Errno.ENOSPC;
            }

            for (var i = 0; i < MostAttempts; i++)
            {
                await _checkpointer.StoreFileAsync(inode, file, TakeStored, cancellationToken);
                var error = TryRecompose(Stored(caller), inode, plan);
                if (error != Errno.EAGAIN)
                    return error == Errno.OK ? true : error;
            }

            return Errno.EBUSY;
        });
        return outcome.Error;
    }

    // EAGAIN where somebody has written since the file was stored.
    Errno TryRecompose(Caller caller, Inode inode, Func<long, List<ContentPart>?> plan)
    {
        var refusal = Errno.OK;
        List<(BlockRef Content, long Offset, long Length)> parts = [];
        var changed = Change(
            inode,
            "recomposing the content",
            caller,
            _ =>
            {
                _record.Replace(inode.Id, BlockRef.Empty);
                long at = 0;
                foreach (var (content, offset, length) in parts)
                {
                    _record.Stored(inode.Id, at, length, content, offset);
                    at += length;
                }
            },
            file =>
            {
                file.Replace(BlockRef.Empty, _tree.Epoch);
                foreach (var (content, offset, length) in parts)
                    file.PutStored(file.Size, length, content, offset, _tree.Epoch);
            },
            file =>
            {
                var planned = file.IsClean ? plan(file.Size) : null;
                refusal = !file.IsClean ? Errno.EAGAIN
                    : planned is null ? Errno.EINVAL
                    : _options.IsAppendOnly && file.Size > 0 ? Errno.EPERM
                    : planned.Aggregate(0L, static (sum, part) => part.Length > LargestFile - sum ? LargestFile + 1 : sum + part.Length) > LargestFile ? Errno.EFBIG
                    : Errno.OK;
                if (refusal == Errno.OK)
                    parts = [.. planned!.Where(static part => part.Length > 0).Select(part => (part.Content ?? file.Backing, part.Offset, part.Length))];
                return refusal != Errno.OK;
            });
        return changed == Errno.EPERM && refusal != Errno.OK ? refusal : changed;
    }

    async ValueTask<Errno> SetRangesAsync(Caller caller, Inode inode, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        var words = Encoding.ASCII.GetString(value.Span).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (name.Span.SequenceEqual(ComposeAttribute))
            return TryParse(words, out var contents) ? await ComposeAsync(caller, inode, contents, cancellationToken) : Errno.EINVAL;
        if (words.Length < 2 || !TryParse(words[0], out var offset) || !TryParse(words[1], out var length))
            return Errno.EINVAL;
        if (name.Span.SequenceEqual(CropAttribute))
            return words.Length == 2 ? await CropAsync(caller, inode, offset, length, cancellationToken) : Errno.EINVAL;
        return words.Length <= 3 && TryParse(words[2..], out var inserted)
            ? await SpliceAsync(caller, inode, offset, length, inserted is [var content] ? content : BlockRef.Empty, cancellationToken)
            : Errno.EINVAL;
    }

    static bool TryParse(string word, out long number) => long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    static bool TryParse(string[] words, out List<BlockRef> contents)
    {
        contents = [];
        foreach (var word in words)
        {
            if (!BlockRef.TryParse(word, out var content))
                return false;
            contents.Add(content);
        }

        return contents.Count <= MostPieces;
    }
}
