using Vt.Files;
using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;
using NodeId = Vt.Fuse.Protocol.NodeId;

namespace Vt.Hosts.FuseHost;

/// <summary>
/// Shows a <see cref="ReadOnlyFileSystem"/> to the kernel. What it says never changes, so the kernel may keep all of it: names,
/// attributes, absent names, content and listings. Whatever is in memory is answered at once on the reader's thread; whatever has
/// to be read from the store is answered when it is there, and no reader thread waits for it.
/// </summary>
public sealed class ReadOnlyFuseHost : FuseFileSystem, IDisposable
{
    readonly ReadOnlyFileSystem _files;

    /// <summary>Shows a file system.</summary>
    /// <param name="files">The file system; disposed with this.</param>
    public ReadOnlyFuseHost(ReadOnlyFileSystem files) => _files = files;

    /// <inheritdoc/>
    /// <remarks>
    /// Attributes lie beside the names, so they always go along: left to choose, the kernel asks for them one by one when a program
    /// lists a large folder first and looks at its files then, as find and rsync do.
    /// </remarks>
    public override FuseInitFlags Features => FuseSessionOptions.UsualFeatures & ~FuseInitFlags.ReaddirPlusAuto
        & ~(_files.HasVersions ? FuseInitFlags.NoOpendirSupport : FuseInitFlags.None);

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    /// <inheritdoc/>
    public override void Forget(NodeId node, ulong count) => _files.Forget(Of(node), count);

    /// <inheritdoc/>
    public override Errno Lookup(in FuseRequest request, ReadOnlySpan<byte> name, ref EntryOut entry)
    {
        var (folder, wanted, interrupted) = (Of(request.Node), request.Payload[..name.Length], request.Interrupted);
        var found = _files.LookupAsync(folder, wanted, interrupted);
        if (_files.IsPassing(folder, name))
            return FuseAnswers.LookupVirtual(request, found);
        return _files.IsVirtualName(name)
            ? FuseAnswers.LookupVirtual(request, VirtualAccess.LookupAsync(found, request.Uid, () => _files.LookupVirtualAsync(folder, wanted, interrupted)))
            : FuseAnswers.Lookup(request, found, ref entry);
    }

    /// <inheritdoc/>
    public override Errno Getattr(in FuseRequest request, in GetattrIn arguments, ref AttrOut attributes)
    {
        var found = _files.GetattrAsync(Of(request.Node), request.Interrupted);
        if (found.IsCompletedSuccessfully)
        {
            var outcome = found.Result;
            attributes = InodeReplies.Attributes(outcome.Value);
            return outcome.Error;
        }

        return FuseAnswers.Defer(request, found, static (value, deferral) => deferral.Complete(InodeReplies.Attributes(value)));
    }

    /// <inheritdoc/>
    public override Errno Statx(in FuseRequest request, in StatxIn arguments, ref StatxOut attributes) =>
        FuseAnswers.Statx(request, _files.GetattrAsync(Of(request.Node), request.Interrupted), ref attributes);

    /// <inheritdoc/>
    public override Errno Readlink(in FuseRequest request, Span<byte> target, out int length) =>
        FuseAnswers.Bytes(request, _files.ReadlinkAsync(Of(request.Node), request.Interrupted), target, out length);

    /// <inheritdoc/>
    /// <remarks>ENOSYS tells the kernel not to ask again: reads name the node, and what was read stays cached.</remarks>
    public override Errno Open(in FuseRequest request, in OpenIn arguments, ref OpenOut open) => Errno.ENOSYS;

    /// <inheritdoc/>
    public override Errno Opendir(in FuseRequest request, in OpenIn arguments, ref OpenOut open)
    {
        if (!_files.HasVersions)
            return Errno.ENOSYS;
        OpenFolder(request.Node, ref open);
        return Errno.OK;
    }

    /// <summary>Opens a folder: the kernel may keep its listing, unless its entries are found by asking.</summary>
    internal void OpenFolder(NodeId node, ref OpenOut open)
    {
        if (!_files.IsNamed(Of(node)))
            open.Flags = OpenReplyFlags.KeepCache | OpenReplyFlags.CacheDirectory;
    }

    /// <inheritdoc/>
    public override Errno Read(in FuseRequest request, in ReadIn arguments, Span<byte> buffer, out int length) =>
        FuseAnswers.Read(request, _files.ReadAsync(Of(request.Node), (long)arguments.Offset, request.Buffer, request.Interrupted), out length);

    /// <inheritdoc/>
    public override Errno Lseek(in FuseRequest request, in LseekIn arguments, out ulong offset) =>
        FuseAnswers.Lseek(request, _files.LseekAsync(Of(request.Node), (long)arguments.Offset, (int)arguments.Whence, request.Interrupted), out offset);

    /// <inheritdoc/>
    public override Errno Readdir(in FuseRequest request, in ReadIn arguments, ref DirectoryFiller filler)
    {
        var node = request.Node;
        var start = arguments.Offset;
        var listed = ListAsync(node, start, filler.MostNames, filler.WantsEntries, request.Interrupted);
        if (listed.IsCompletedSuccessfully)
        {
            var outcome = listed.Result;
            if (outcome.Succeeded)
                Fill(outcome.Value, start, ref filler);
            return outcome.Error;
        }

        return FuseAnswers.Defer(request, listed, (value, deferral) =>
        {
            var later = deferral.OpenFiller();
            Fill(value, start, ref later);
            deferral.CompleteBytes(later.Length);
        });
    }

    /// <inheritdoc/>
    public override Errno Getxattr(in FuseRequest request, ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        length = 0;
        var nameStart = request.Payload.Span.IndexOf(name);
        var found = _files.GetxattrAsync(Of(request.Node), request.Payload.Slice(nameStart, name.Length), request.Interrupted);
        return FuseAnswers.Sized(request, found, value, out length);
    }

    /// <inheritdoc/>
    public override Errno Listxattr(in FuseRequest request, Span<byte> names, out int length) =>
        FuseAnswers.Sized(request, _files.ListxattrAsync(Of(request.Node), request.Interrupted), names, out length);

    /// <inheritdoc/>
    public override Errno Statfs(in FuseRequest request, ref StatfsOut status)
    {
        const uint block = 4096;
        status.BlockSize = block;
        status.FragmentSize = block;
        status.NameLength = 255;
        if (_files.GetCapacity() is { } capacity)
        {
            status.Blocks = (ulong)capacity.TotalBytes / block;
            status.FreeBlocks = (ulong)capacity.FreeBytes / block;
            status.AvailableBlocks = (ulong)capacity.AvailableBytes / block;
        }

        return Errno.OK;
    }

    /// <inheritdoc/>
    public override Errno Flush(in FuseRequest request, in FlushIn arguments) => Errno.ENOSYS;

    /// <inheritdoc/>
    public override Errno Setattr(in FuseRequest request, in SetattrIn arguments, ref AttrOut attributes) => Errno.EROFS;

    static Files.Inodes.NodeId Of(NodeId node) => new(node.Value);

    // Positions: 0 starts before ".", 1 before "..", 2 before the first entry.
    async ValueTask<Outcome<Listed>> ListAsync(NodeId node, ulong start, int wanted, bool withNodes, CancellationToken cancellationToken)
    {
        var dots = await _files.DotNumbersAsync(Of(node), cancellationToken);
        if (!dots.Succeeded)
            return dots.Error;
        var entries = await _files.ListAsync(Of(node), (long)Math.Max(start, 2) - 2, wanted, withNodes, cancellationToken);
        return entries.Succeeded ? new Listed(dots.Value.Own, dots.Value.Parent, entries.Value) : entries.Error;
    }

    static void Fill(in Listed listed, ulong start, ref DirectoryFiller filler)
    {
        const uint folder = 4;
        if (start == 0 && !filler.TryAdd("."u8, listed.Own, folder, 1))
            return;
        if (start <= 1 && !filler.TryAdd(".."u8, listed.Parent, folder, 2))
            return;
        foreach (var entries in listed.Entries)
        {
            if (!TryFill(entries, ref filler))
                return;
        }
    }

    /// <summary>Adds entries as long as they fit.</summary>
    /// <returns>Whether all did.</returns>
    static bool TryFill(in ListedEntries entries, ref DirectoryFiller filler)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            var name = entries.NameAt(i);
            var next = (ulong)(entries.Position + i) + 3;
            if (!filler.WantsEntries || !entries.CanEnter(i))
            {
                if (!filler.TryAdd(name, entries.NumberAt(i), entries.TypeAt(i) >> 12, next))
                    return false;
                continue;
            }

            if (!filler.HasRoomFor(name.Length))
                return false;
            var found = entries.Enter(i);
            InodeReplies.Fill(found, ref filler.AddEntry(name, found.Attributes.Number, found.Attributes.Mode >> 12, next));
        }

        return true;
    }

    readonly record struct Listed(ulong Own, ulong Parent, ListedEntries[] Entries);
}
