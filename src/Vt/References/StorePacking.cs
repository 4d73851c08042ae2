using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Hosts.StaticExport;
using Vt.Stores.PackFile;

namespace Vt.References;

/// <summary>Writes a part of a store as a store file: its references first, then what leads to data, then data.</summary>
/// <param name="store">Has everything; not disposed.</param>
/// <param name="selection">What is written.</param>
/// <param name="progress">Told how many bytes of blocks are written, time and again.</param>
sealed class StorePacking(IBlockStore store, StoreSelection selection, Action<long> progress)
{
    const int BlocksAtOnce = 128;

    /// <summary>How many blocks were written, the first ones included.</summary>
    public long Blocks { get; private set; }

    /// <summary>Their bytes.</summary>
    public long RawBytes { get; private set; }

    /// <summary>The file's length.</summary>
    public long Length { get; private set; }

    /// <summary>Writes the file.</summary>
    /// <param name="output">Takes its bytes in their order.</param>
    /// <param name="cancellationToken">Gives up; the file is not whole then.</param>
    /// <exception cref="BlockMissingException">The store has not got a block that is needed.</exception>
    public async Task WriteAsync(PackFileOutput output, CancellationToken cancellationToken)
    {
        var top = new PackFileTop(store.Chunking, selection.References).Encode();
        using var writer = new PackFileWriter(store.Hasher.Algorithm, store.Hasher.Hash(top[0]), output);
        foreach (var block in top)
            writer.Add(store.Hasher.Hash(block), block, BlockContent.Tree);
        writer.EndFrame();
        var first = top.Select(block => store.Hasher.Hash(block)).ToHashSet();
        await AddAsync(writer, selection.Blocks.Where(hash => selection.Trees.Contains(hash) && !first.Contains(hash)), BlockContent.Tree, cancellationToken);
        writer.EndFrame();
        await AddAsync(writer, selection.Blocks.Where(hash => !selection.Trees.Contains(hash) && !first.Contains(hash)), BlockContent.Data, cancellationToken);
        writer.Complete();
        (Blocks, RawBytes, Length) = (writer.Blocks, writer.RawBytes, writer.Length);
    }

    async Task AddAsync(PackFileWriter writer, IEnumerable<BlockHash> hashes, BlockContent content, CancellationToken cancellationToken)
    {
        var leases = new BlockLease[BlocksAtOnce];
        foreach (var part in hashes.Chunk(BlocksAtOnce))
        {
            await store.GetManyAsync(part, leases.AsMemory(0, part.Length), cancellationToken);
            try
            {
                for (var i = 0; i < part.Length; i++)
                {
                    if (!leases[i].IsPresent)
                        throw new BlockMissingException(part[i], store.Description);
                    writer.Add(part[i], leases[i].Span, content);
                }
            }
            finally
            {
                foreach (var lease in leases.AsSpan(0, part.Length))
                    lease.Dispose();
            }

            progress(writer.RawBytes);
        }
    }
}
