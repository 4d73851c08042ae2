using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Commands;
using Vt.Files;
using Vt.Hosts.FuseHost;
using Vt.Posix;

namespace Vt.Mounts;

/// <summary>Files of live mounts by their references: what commands do by control attributes.</summary>
static class LiveContent
{
    const int LongestReference = 4096;

    /// <summary>The reference of a range of a file, which is stored first.</summary>
    /// <param name="context">The command.</param>
    /// <param name="text">The range; see <see cref="FileRange"/>.</param>
    /// <exception cref="UserErrorException">There is no such file in a live mount, or it ends before the range.</exception>
    public static BlockRef ReferenceOf(CommandContext context, string text)
    {
        var range = FileRange.Parse(text, context.PathFromHere(text));
        var path = LosslessText.ToBytes(context.PathFromHere(range.Path));
        Sync(range.Path, path);
        var value = new byte[LongestReference];
        Check(range.Path, Xattrs.TryGet(path, LiveFileSystem.BlockAttribute, value, out var length));
        var whole = BlockRef.Parse(Encoding.ASCII.GetString(value, 0, length));
        if (range.Offset > whole.Span || range.Length > whole.Span - range.Offset)
            throw new UserErrorException($"{text}: {range.Path} has only {whole.Span} bytes");
        return BlockRef.Slice(whole, range.Offset, range.Length ?? whole.Span - range.Offset);
    }

    /// <summary>Changes a file's content by an attribute.</summary>
    /// <param name="context">The command.</param>
    /// <param name="file">The file, as it was named.</param>
    /// <param name="attribute">The attribute.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="UserErrorException">It can't be changed so.</exception>
    public static void Change(CommandContext context, string file, ReadOnlySpan<byte> attribute, string value)
    {
        var path = LosslessText.ToBytes(context.PathFromHere(file));
        Sync(file, path);
        Check(file, Xattrs.TrySet(path, attribute, Encoding.ASCII.GetBytes(value)));
    }

    /// <summary>Whether a path leads into a live mount.</summary>
    public static bool IsLive(byte[] path) => Xattrs.TryGet(path, LiveFuseHost.StatusAttribute, [], out _) == Errno.OK;

    /// <summary>Has the kernel tell the server what somebody has written through a memory map, which it alone knows until then.</summary>
    /// <param name="name">The file, as it was named.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="UserErrorException">It can't be done.</exception>
    public static void Sync(string name, byte[] path)
    {
        var error = PosixFile.TryOpen(path, OpenFlags.O_RDONLY, 0, out var file);
        using (file)
        {
            Check(name, error);
            PosixFile.Fsync(file);
        }
    }

    static void Check(string name, Errno error)
    {
        if (error != Errno.OK)
            throw new UserErrorException($"{name}: {LiveMountText.Explain(error)}");
    }
}
