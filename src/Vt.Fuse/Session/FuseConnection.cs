using Vt.Fuse.Protocol;

namespace Vt.Fuse.Session;

/// <summary>What kernel and filesystem agreed on.</summary>
public sealed record FuseConnection
{
    /// <summary>The kernel's minor version.</summary>
    public required uint KernelMinor { get; init; }

    /// <summary>The minor version in use.</summary>
    public required uint Minor { get; init; }

    /// <summary>What the kernel offers.</summary>
    public required FuseInitFlags Offered { get; init; }

    /// <summary>What was agreed.</summary>
    public required FuseInitFlags Agreed { get; init; }

    /// <summary>Most bytes of one write, and of one read.</summary>
    public required int MaxWrite { get; init; }

    /// <summary>Most bytes that the kernel reads ahead.</summary>
    public required int MaxReadahead { get; init; }

    /// <summary>What has been asked and how long the answers took.</summary>
    public FuseStatistics Statistics { get; init; } = new();

    /// <summary>Whether requests travel by io_uring.</summary>
    public bool IsOverIoUring => Has(FuseInitFlags.OverIoUring);

    /// <summary>Whether all of <paramref name="flags"/> were agreed.</summary>
    public bool Has(FuseInitFlags flags) => (Agreed & flags) == flags;
}
