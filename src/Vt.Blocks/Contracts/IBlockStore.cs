using Vt.Blocks.Chunking;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.Contracts;

/// <summary>
/// A place that keeps blocks under their names. Every method may be called from any thread at any time until disposal.
/// Absent blocks are answers, not exceptions; whatever can't be known (damage, an unreachable store) is an exception and
/// never looks like absence.
/// </summary>
/// <remarks>
/// Buffers handed in are borrowed until the returned task completes. Tasks complete synchronously where the answer needs no
/// waiting. A failed write shows in the call that made it or, at the latest, in the next <see cref="FlushAsync"/>; from then
/// on the store refuses further writes with the first cause, until it is opened anew.
/// <para>
/// The law of reliance: when a <see cref="FlushAsync"/> has completed, every block that this store object took, and every block of which it said before that it is there, is durable where it
/// is kept, whoever added it; or the flush has failed. So who leaves a block out for such an answer is as safe as who adds it, and may let a reference lead to it after the flush. A store
/// whose answers are another's (a server's, a part's behind it) remembers, in bounded memory, what it passed on, and finds out when the other one has lost it. Reading relies on nothing.
/// </para>
/// </remarks>
/// <exception cref="BlockCorruptException">A block is there but its bytes are not what its name says.</exception>
/// <exception cref="StoreUnavailableException">The store can't answer; it says whether trying again may help.</exception>
/// <exception cref="StoreFullException">No room is left.</exception>
public interface IBlockStore : IAsyncDisposable
{
    /// <summary>Names this store in messages: its kind and place.</summary>
    string Description { get; }

    /// <summary>The hasher whose names this store keeps. Blocks under another algorithm's names are absent and can't be added.</summary>
    BlockHasher Hasher { get; }

    /// <summary>How writers to this store cut content.</summary>
    ChunkingParameters Chunking { get; }

    /// <summary>
    /// Whether a present tree block means that all that it refers to is present too. Caches and partial stores say no.
    /// </summary>
    bool IsComplete { get; }

    /// <summary>
    /// Whether an add waits for an answer from far away, for longer than its bytes take: who writes much should have more of them under way than it has processors.
    /// </summary>
    bool IsDistant => false;

    /// <summary>
    /// Tells which blocks the store has, without reading them. One that is there need not be durable yet: the next <see cref="FlushAsync"/> makes it so, or fails.
    /// </summary>
    /// <param name="hashes">The names.</param>
    /// <param name="present">Receives an answer for each name; as long as <paramref name="hashes"/>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default);

    /// <summary>Reads one block and checks it against its name.</summary>
    /// <returns>The block, to be disposed by the caller; not present where the store does not have it.</returns>
    ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default);

    /// <summary>Reads many blocks, each as <see cref="GetAsync"/> does.</summary>
    /// <param name="hashes">The names.</param>
    /// <param name="blocks">Receives a lease for each name. If the call throws, none is handed out.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default);

    /// <summary>
    /// Keeps blocks. When the task completes, every block can be read by this store's users; it is durable once a later
    /// <see cref="FlushAsync"/> has completed.
    /// </summary>
    /// <param name="buffer">The bytes of all blocks.</param>
    /// <param name="blocks">Name and place of each; a name may come more than once.</param>
    /// <param name="cancellationToken">Gives up; blocks already taken stay.</param>
    ValueTask<AddCounts> AddManyAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default);

    /// <summary>
    /// Makes durable every add that completed before this call, duplicates found in the store included, and every block of which <see cref="ContainsManyAsync"/> said before this call
    /// that it is there. Costs next to nothing where all of that is durable already.
    /// </summary>
    /// <exception cref="StoreUnavailableException">Some of it could not be made durable, or is lost.</exception>
    ValueTask FlushAsync(CancellationToken cancellationToken = default);
}
