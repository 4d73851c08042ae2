using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Files;
using Vt.Mounts;
using Vt.Output;
using Vt.Posix;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Makes and deletes flat copies of files in a live mount.</summary>
sealed class FlatVerb : Verb
{
    readonly Option<bool> _drop = new("-d", "--drop") { Description = "Delete the flat copies" };
    readonly Argument<string[]> _files = new("FILE") { Description = "Files in a live mount", Arity = ArgumentArity.OneOrMore };

    /// <summary>Makes the command.</summary>
    public FlatVerb()
        : base("flat", "Keep flat copies of files in a live mount, for reading at the speed of the disk")
    {
        Options.Add(_drop);
        Arguments.Add(_files);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        The content that FILE has now is put together and written to a plain file in the mount's state folder, and read from there from then on: by all
        files with that content, over unmounts too, and of a file that changes, as far as it has not changed. With the mount option passthrough the
        kernel reads it without asking the server at all. It is a cache: what has waited longest to be read is deleted once all copies have more than the mount
        option flat_cache=SIZE says (16G), or more than 4096 are there, or the disk is full. The blocks are verified when the copy is made; later reads trust the disk it lies on.

        FILE is stored first if it has changed. Files of up to 128 bytes, and those that are one byte repeated, need no copy and get none. The attribute
        x-vt-flat of a file is there where its content has a copy; setting it makes one, and removing it deletes it.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt flat /mnt/images/base.img", "Read a disk image as fast as the disk gives it."),
        ("vt flat -d /mnt/images/base.img", "Give the room back."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var isDropping = context.Get(_drop);
        var (count, bytes) = (0, 0L);
        foreach (var file in context.Get(_files) ?? [])
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = LosslessText.ToBytes(context.PathFromHere(file));

            // Who gives up need not wait for a copy that takes minutes: with this process's end the server gives up too, and leaves nothing.
            var length = await Task.Run(() => isDropping ? Drop(file, path) : Make(file, path), CancellationToken.None).WaitAsync(cancellationToken);
            count += length is null ? 0 : 1;
            bytes += length ?? 0;
        }

        if (!context.IsQuiet)
            context.Messages.Say($"{(isDropping ? "deleted" : "kept")} {HumanText.Count(count, "flat copy", "flat copies")}, {HumanText.Size(bytes)}");
        return ExitCode.Ok;
    }

    static long? Make(string file, byte[] path)
    {
        LiveContent.Sync(file, path);
        Check(file, path, Xattrs.TrySet(path, LiveFileSystem.FlatAttribute, "1"u8));
        return HasCopy(path) ? LengthOf(path) : null;
    }

    // Where it has none there is nothing to do, if it is in a live mount at all.
    static long? Drop(string file, byte[] path)
    {
        var had = HasCopy(path);
        var error = Xattrs.TryRemove(path, LiveFileSystem.FlatAttribute);
        Check(file, path, error == Errno.ENODATA && LiveContent.IsLive(path) ? Errno.OK : error);
        return had ? LengthOf(path) : null;
    }

    static bool HasCopy(byte[] path) => Xattrs.TryGet(path, LiveFileSystem.FlatAttribute, new byte[1], out _) == Errno.OK;

    static long LengthOf(byte[] path) => (long)PosixFile.Stat(path).Size;

    static void Check(string file, byte[] path, Errno error)
    {
        if (error != Errno.OK)
        {
            throw new UserErrorException($"{file}: " + error switch
            {
                Errno.EFBIG => "it is longer than all flat copies may be; mount with a larger flat_cache=SIZE",
                Errno.ENOSPC => "the disk of the state folder has no room for a flat copy of it",
                Errno.EINVAL => "that is no file",
                Errno.EOPNOTSUPP when LiveContent.IsLive(path) => "it is local (exclude=), and lies in plain files already",
                _ => LiveMountText.Explain(error),
            });
        }
    }
}
