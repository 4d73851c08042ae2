namespace Vt.Blocks.Contracts;

/// <summary>
/// Named values that move by compare-and-swap, each with the log of all its movements. Names are 1 to 255 characters of
/// letters, digits and <c>-_.@+/</c>, without empty, <c>.</c> or <c>..</c> parts; values are one line of text.
/// </summary>
/// <exception cref="StoreUnavailableException">The store can't answer.</exception>
public interface IRefStore
{
    /// <summary>The value that a name has now; null where there is none.</summary>
    ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Every name that has a value and starts with <paramref name="prefix"/>, in ordinal order.</summary>
    IAsyncEnumerable<string> ListAsync(string prefix = "", CancellationToken cancellationToken = default);

    /// <summary>
    /// Moves a name from one value to another, durably. Every block that the new value needs must have been flushed before.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="expected">The value that it must have now; null where it must have none.</param>
    /// <param name="value">The new value; null ends the name, whose log stays.</param>
    /// <param name="note">A word for the log, on one line.</param>
    /// <param name="cancellationToken">Gives up before the move is made.</param>
    /// <returns>False where the name had another value; nothing was changed then.</returns>
    ValueTask<bool> TryMoveAsync(string name, string? expected, string? value, string note, CancellationToken cancellationToken = default);

    /// <summary>Every movement of a name, oldest first.</summary>
    IAsyncEnumerable<RefMovement> ReadLogAsync(string name, CancellationToken cancellationToken = default);
}
