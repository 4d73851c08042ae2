namespace Vt.Posix.Sockets;

/// <summary>What a descriptor is ready for (poll(2)).</summary>
[Flags]
public enum PollEvents
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Reading.</summary>
    POLLIN = 1,

    /// <summary>Urgent data; of /proc/self/mountinfo, a change of the mounts.</summary>
    POLLPRI = 2,

    /// <summary>Writing.</summary>
    POLLOUT = 4,

    /// <summary>An error; always told.</summary>
    POLLERR = 8,

    /// <summary>The peer hung up; always told.</summary>
    POLLHUP = 16,

    /// <summary>Not an open descriptor; always told.</summary>
    POLLNVAL = 32,
}
