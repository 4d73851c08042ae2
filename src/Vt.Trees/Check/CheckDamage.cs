using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Trees.Check;

/// <summary>Which exceptions tell of damage, after which a check goes on.</summary>
static class CheckDamage
{
    /// <summary>Whether one block, or what should be one, is at fault, and others may still be good.</summary>
    public static bool IsDamage(Exception exception) =>
        exception is BlockMissingException or BlockCorruptException or FormatInvalidException or StoreUnavailableException { IsTransient: false };

    /// <summary>The block that an exception names; none where it names none.</summary>
    public static BlockHash HashOf(Exception exception) => exception switch
    {
        BlockMissingException missing => missing.Hash,
        BlockCorruptException corrupt => corrupt.Hash,
        _ => default,
    };
}
