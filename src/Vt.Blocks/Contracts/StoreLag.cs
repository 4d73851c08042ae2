namespace Vt.Blocks.Contracts;

/// <summary>How far a store that takes writes now and passes them on later is behind.</summary>
/// <param name="Bytes">What waits to be passed on, as it is stored, in bytes.</param>
/// <param name="Blocks">How many blocks that is.</param>
/// <param name="Moves">How many movements of references wait.</param>
/// <param name="Since">When the oldest of it came, or a little before; null where nothing waits.</param>
/// <param name="Conflicts">How many movements of references were kept under other names, since somebody else had moved the reference meanwhile.</param>
/// <param name="LastError">Why the last attempt to pass something on failed; null where it did not.</param>
public sealed record StoreLag(long Bytes, long Blocks, int Moves, DateTimeOffset? Since, int Conflicts, string? LastError)
{
    /// <summary>Whether everything was passed on.</summary>
    public bool IsNone => Bytes == 0 && Moves == 0;
}
