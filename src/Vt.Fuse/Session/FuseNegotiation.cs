using Vt.Fuse.Protocol;
using Vt.Posix;

namespace Vt.Fuse.Session;

/// <summary>Answers INIT.</summary>
static class FuseNegotiation
{
    const int PageSize = 4096;

    /// <summary>Chooses from what the kernel offers.</summary>
    /// <param name="offer">The kernel's offer.</param>
    /// <param name="options">Our side.</param>
    /// <param name="wanted">Which features the filesystem wants.</param>
    /// <param name="answer">The reply.</param>
    /// <param name="connection">What was agreed; null where there is another round or no agreement.</param>
    /// <returns>OK, or EPROTO of a kernel that is too old.</returns>
    public static Errno Answer(
        in InitIn offer, FuseSessionOptions options, FuseInitFlags wanted, out InitOut answer, out FuseConnection? connection)
    {
        connection = null;
        answer = new InitOut { Major = FuseProtocol.Major, Minor = FuseProtocol.Minor };
        if (offer.Major > FuseProtocol.Major)
            return Errno.OK; // a newer kernel asks again, in our version
        if (offer.Major < FuseProtocol.Major || offer.Minor < FuseProtocol.OldestMinor)
            return Errno.EPROTO;

        var offered = (FuseInitFlags)offer.Flags;
        if (offered.HasFlag(FuseInitFlags.Extended))
            offered |= (FuseInitFlags)((ulong)offer.Flags2 << 32);
        if (options.IoUring == IoUringUse.On)
            wanted |= FuseInitFlags.OverIoUring;
        var agreed = offered & wanted;
        if (!agreed.HasFlag(FuseInitFlags.Extended))
            agreed = (FuseInitFlags)(uint)agreed;

        var maxWrite = agreed.HasFlag(FuseInitFlags.MaxPages) ? options.MaxWrite : Math.Min(options.MaxWrite, 32 * PageSize);
        answer.Minor = Math.Min(offer.Minor, FuseProtocol.Minor);
        answer.MaxReadahead = Math.Min(offer.MaxReadahead, (uint)options.MaxReadahead);
        answer.Flags = (uint)agreed;
        answer.Flags2 = (uint)((ulong)agreed >> 32);
        answer.MaxBackground = (ushort)options.MaxBackground;
        answer.CongestionThreshold = (ushort)(options.MaxBackground * 3 / 4);
        answer.MaxWrite = (uint)maxWrite;
        answer.TimeGranularity = options.TimeGranularity;
        answer.MaxPages = agreed.HasFlag(FuseInitFlags.MaxPages) ? (ushort)((maxWrite + PageSize - 1) / PageSize) : (ushort)0;
        answer.MaxStackDepth = agreed.HasFlag(FuseInitFlags.Passthrough) ? 1u : 0;
        connection = new FuseConnection
        {
            KernelMinor = offer.Minor,
            Minor = answer.Minor,
            Offered = offered,
            Agreed = agreed,
            MaxWrite = maxWrite,
            MaxReadahead = (int)answer.MaxReadahead,
        };
        return Errno.OK;
    }
}
