namespace Vt.Tests.Chains;

/// <summary>What a part of a random chain is.</summary>
enum ChainPart
{
    /// <summary>A datadir.</summary>
    Disk,

    /// <summary>A store in memory, of a machine that never fails.</summary>
    Memory,

    /// <summary>A cache.</summary>
    Cache,

    /// <summary>A cache that writes back.</summary>
    Queue,

    /// <summary>A server at a socket, in a process of its own, and its client.</summary>
    Socket,

    /// <summary>A web server, in a process of its own, and its client.</summary>
    Web,

    /// <summary>A proxy of two that both keep all.</summary>
    Pair,

    /// <summary>A proxy that saves to the far one and copies to the near one.</summary>
    Near,

    /// <summary>A counter.</summary>
    Progress,

    /// <summary>A platonic store before its meta store.</summary>
    Files,
}
