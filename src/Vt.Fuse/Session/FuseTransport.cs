using Vt.Posix;

namespace Vt.Fuse.Session;

/// <summary>
/// Carries requests from the kernel to a dispatcher and its replies back; owns the threads that do it. One speaks by reading and
/// writing the device; another by io_uring; tests have one in memory.
/// </summary>
abstract class FuseTransport : IDisposable
{
    /// <summary>Why and when it ended; completes when no thread dispatches any more.</summary>
    public abstract Task<FuseSessionEnd> Completion { get; }

    /// <summary>Begins to dispatch.</summary>
    public abstract void Start();

    /// <summary>The kernel has been told what was agreed; called once, by one of the transport's threads.</summary>
    /// <param name="connection">What that is.</param>
    public virtual void Open(FuseConnection connection)
    {
    }

    /// <summary>Sends a notification: the body's parts one after another, behind a header.</summary>
    /// <param name="code">What is told.</param>
    /// <param name="head">The fixed part.</param>
    /// <param name="tail">Name or data.</param>
    /// <param name="nul">Whether a NUL follows the tail.</param>
    public abstract Errno Notify(Protocol.NotifyCode code, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, bool nul);

    /// <summary>Asks the device for something beside the conversation (ioctl(2)).</summary>
    /// <param name="command">What.</param>
    /// <param name="argument">What belongs to it.</param>
    /// <param name="result">What the call returns.</param>
    /// <returns>ENODEV where the device is closed.</returns>
    public abstract unsafe Errno Ioctl(uint command, void* argument, out int result);

    /// <inheritdoc/>
    public abstract void Dispose();
}
