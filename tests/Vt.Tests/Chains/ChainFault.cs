using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.Faults;

namespace Vt.Tests.Chains;

/// <summary>A fault of a store and when it strikes, as a test's name says it: the kind, or "Away" for a store that can't be asked for anything.</summary>
static class ChainFault
{
    public const string Away = nameof(Away);

    /// <summary>Every fault that there is.</summary>
    public static IReadOnlyList<string> All { get; } = [Away, .. Enum.GetNames<FaultKind>()];

    /// <summary>Those that need nobody behind who compares bytes with names: what a store does wrong that is the last before its user.</summary>
    public static IReadOnlyList<string> OfLast { get; } =
        [.. All.Except([nameof(FaultKind.BitFlip), nameof(FaultKind.TruncatedRead), nameof(FaultKind.AbsentRead)])];

    /// <summary>How often it strikes, in turn: always, at one call, at every third.</summary>
    public static FaultRule[] Rules(string fault, int pattern)
    {
        FaultKind[] kinds = fault == Away ? [FaultKind.Error, FaultKind.ReferenceError] : [Enum.Parse<FaultKind>(fault)];
        var (first, count, every) = pattern switch
        {
            0 => (0, long.MaxValue, 1),
            1 => (1, 1, 1),
            _ => (2, long.MaxValue, 3),
        };
        return Array.ConvertAll(kinds, kind => new FaultRule(kind, first, count, every) { Delay = TimeSpan.FromMilliseconds(1) });
    }

    /// <summary>Whether an exception is one that the contract knows, or the end of a call that was given up.</summary>
    public static bool IsTold(Exception fault) => fault is StoreUnavailableException or StoreFullException or BlockCorruptException or BlockMissingException
        or FormatInvalidException or UserErrorException or PosixException or OperationCanceledException;
}
