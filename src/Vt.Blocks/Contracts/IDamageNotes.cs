using Vt.Blocks.Hashing;

namespace Vt.Blocks.Contracts;

/// <summary>
/// A store that remembers which of its blocks are damaged: it answers that it has not got them, so that they are stored again when somebody
/// offers them, and forgets the note then.
/// </summary>
/// <exception cref="StoreUnavailableException">The store can't answer.</exception>
public interface IDamageNotes
{
    /// <summary>Whether blocks are noted, or known to be lost with the file that they were in. Cheap.</summary>
    bool HasDamage { get; }

    /// <summary>Reads every copy of a block from the disk, past all caches, and notes the block where none is sound.</summary>
    /// <param name="hash">The block.</param>
    /// <param name="cancellationToken">Gives up before the block is noted.</param>
    /// <returns>
    /// Whether the block is noted where the next who opens the store finds it. False where it is sound, absent, or still being written by
    /// somebody else, and where nothing can be written.
    /// </returns>
    ValueTask<bool> NoteDamageAsync(BlockHash hash, CancellationToken cancellationToken = default);
}
