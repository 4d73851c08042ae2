using Vt.Blocks.Contracts;
using Vt.Trees.Dirents;

namespace Vt.Trees.Directories;

/// <summary>
/// Makes a directory or inode table of entries that come in order, with memory for one unfinished node a level however many
/// there are. The same entries give the same directory, whoever makes it. Not safe from several threads.
/// </summary>
public sealed class DirectoryBuilder : IDisposable
{
    readonly NodeAssembler _assembler;

    /// <summary>Starts a directory.</summary>
    /// <param name="batch">Takes the nodes; several builders may share it. Not disposed, and not drained.</param>
    /// <param name="order">What the entries are ordered by.</param>
    public DirectoryBuilder(TreeBatch batch, DirectoryOrder order = DirectoryOrder.Names) => _assembler = new NodeAssembler(batch, order);

    /// <summary>Adds an entry, which must come after those before it.</summary>
    /// <exception cref="ArgumentException">It does not, or has no key.</exception>
    /// <exception cref="FormatInvalidException">It is larger than <see cref="Dirent.LargestEncoded"/>.</exception>
    public ValueTask AddAsync(Dirent dirent, CancellationToken cancellationToken = default) => _assembler.AddAsync(dirent, cancellationToken);

    /// <summary>Ends the directory. The builder is of no further use.</summary>
    public ValueTask<DirectoryRoot> CompleteAsync(CancellationToken cancellationToken = default) => _assembler.CompleteAsync(cancellationToken);

    /// <summary>Makes a directory of entries in any order. All of them are in memory at once.</summary>
    /// <exception cref="ArgumentException">Two entries have one name.</exception>
    public static async ValueTask<DirectoryRoot> BuildAsync(
        TreeBatch batch, IEnumerable<Dirent> entries, DirectoryOrder order = DirectoryOrder.Names, CancellationToken cancellationToken = default)
    {
        var sorted = entries.ToArray();
        Array.Sort(sorted, order == DirectoryOrder.Names
            ? static (a, b) => a.Name.Span.SequenceCompareTo(b.Name.Span)
            : static (a, b) => (a.Uuid ?? default).CompareTo(b.Uuid ?? default));
        using var builder = new DirectoryBuilder(batch, order);
        foreach (var entry in sorted)
            await builder.AddAsync(entry, cancellationToken);
        return await builder.CompleteAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _assembler.Dispose();
}
