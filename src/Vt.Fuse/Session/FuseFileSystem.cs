using Vt.Fuse.Protocol;
using Vt.Posix;

namespace Vt.Fuse.Session;

/// <summary>
/// A filesystem: one method per operation of the kernel, called from several reader threads at once.
/// <para>A method returns an errno; with OK it has filled its reply, which it writes straight into the buffer that goes to the
/// kernel and which is zeroed beforehand. Spans and references are borrowed for the call; a method that has to wait takes
/// the request along by <see cref="FuseRequest.Defer"/>. What a filesystem doesn't override answers ENOSYS or what suits better; for
/// many operations ENOSYS tells the kernel never to ask again.</para>
/// <para>Each successful reply with a node (LOOKUP, MKNOD, MKDIR, SYMLINK, LINK, CREATE, TMPFILE, and each name added to READDIRPLUS with
/// a node) counts as one lookup of it, to be counted before the method returns; <see cref="Forget"/> gives lookups back, also those of
/// replies that never arrived. At the end of the session what is left is not given back.</para>
/// <para>A method must not wait for the mount that it serves: no file of it may be opened, mapped, stat'ed or be a current folder in
/// this process, and notifications are sent neither from a method nor under a lock that a method takes.</para>
/// </summary>
public abstract partial class FuseFileSystem
{
    /// <summary>Which features are wanted; the kernel may offer fewer.</summary>
    public virtual FuseInitFlags Features => FuseSessionOptions.UsualFeatures;

    /// <summary>The conversation with the kernel has begun; called once before any other operation.</summary>
    public virtual void Started(FuseConnection connection)
    {
    }

    /// <summary>The session is over: nothing will be asked any more. Called once.</summary>
    public virtual void Stopped()
    {
    }

    /// <summary>
    /// A method failed by an exception: tells what the caller sees. This is the one place that knows of it, so a filesystem that logs
    /// does so here.
    /// </summary>
    public virtual Errno OnFailure(FuseOpcode opcode, NodeId node, Exception exception) => FailureErrno.Of(exception);

    /// <summary>Gives back lookups; must be quick and wait for nothing, as thousands may come in a burst.</summary>
    /// <param name="node">The node; after its last lookup is given back the kernel doesn't know it any more.</param>
    /// <param name="count">How many lookups.</param>
    public virtual void Forget(NodeId node, ulong count)
    {
    }

    /// <summary>An open whose reply never arrived, as its caller was killed: no release will come for it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="handle">What the open gave.</param>
    /// <param name="isFolder">Whether it was opened by OPENDIR.</param>
    public virtual void Abandon(NodeId node, ulong handle, bool isFolder)
    {
    }

    /// <summary>Asks for the filesystem's numbers (statfs(2)).</summary>
    public virtual Errno Statfs(in FuseRequest request, ref StatfsOut status)
    {
        status.BlockSize = 4096;
        status.FragmentSize = 4096;
        status.NameLength = 255;
        return Errno.OK;
    }

    /// <summary>Makes everything durable (syncfs(2)); the kernel doesn't ask this of plain mounts.</summary>
    public virtual Errno Syncfs(in FuseRequest request) => Errno.ENOSYS;
}
