using System.Runtime.InteropServices;

namespace Vt.Fuse.Protocol;

/// <summary>Wakes pollers: <c>fuse_notify_poll_wakeup_out</c>, 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NotifyPollOut
{
    /// <summary>From <see cref="PollIn.KernelHandle"/>.</summary>
    public ulong KernelHandle;
}
