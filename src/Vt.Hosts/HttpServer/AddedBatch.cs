using System.Buffers.Binary;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Http;

namespace Vt.Hosts.HttpServer;

/// <summary>Takes the blocks of a request apart, and none whose bytes have another name than is said.</summary>
/// <param name="store">Where they go.</param>
sealed class AddedBatch(IBlockStore store)
{
    const int ClaimsAtOnce = 64;

    readonly List<BlockSlot> _slots = [];
    readonly List<(BlockHash Hash, BlockContent Content)> _claims = [];

    /// <summary>Adds what a request brings.</summary>
    /// <param name="body">The request.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FormatInvalidException">The request is not of its form.</exception>
    /// <exception cref="BlockCorruptException">The bytes of a block are not those that its name stands for; none of the request was added.</exception>
    public async ValueTask<AddedBlocks> AddAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        Parse(body.Span);
        Verify(body.Span);
        var counts = default(AddCounts);
        if (_slots.Count > 0)
            counts += await store.AddManyAsync(body, _slots.ToArray(), cancellationToken);
        var missing = new List<string>();
        for (var at = 0; at < _claims.Count; at += ClaimsAtOnce)
            counts += await AddClaimsAsync(_claims.GetRange(at, Math.Min(ClaimsAtOnce, _claims.Count - at)), missing, cancellationToken);
        return AddedBlocks.Of(counts, [.. missing]);
    }

    /// <summary>Takes a request apart; what is in it is not looked at.</summary>
    internal void Parse(ReadOnlySpan<byte> body)
    {
        for (var at = 0; at < body.Length;)
        {
            var rest = body[at..];
            if (rest.Length < HttpWire.AddHeaderLength)
                throw new FormatInvalidException($"{rest.Length} bytes follow the last block", at);
            var content = (BlockContent)(rest[0] & ~HttpWire.Claim);
            if (content is not (BlockContent.Data or BlockContent.Tree))
                throw new FormatInvalidException($"{rest[0]} is nothing that a block is for", at);
            if (rest[1] != (byte)store.Hasher.Algorithm)
                throw new FormatInvalidException($"a block is named by hash algorithm {rest[1]}, and the store's is {HashAlgorithms.NameOf(store.Hasher.Algorithm)}", at);
            var hash = new BlockHash(store.Hasher.Algorithm, rest.Slice(2, HttpWire.HashLength - 1));
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest[(1 + HttpWire.HashLength)..]);
            var isClaim = (rest[0] & HttpWire.Claim) != 0;
            if (length > HttpWire.LargestBlock || length > rest.Length - HttpWire.AddHeaderLength || (isClaim && length > 0))
                throw new FormatInvalidException($"block {hash.ToShortString()} is said to have {length} bytes", at);
            if (isClaim)
                _claims.Add((hash, content));
            else
                _slots.Add(new BlockSlot(hash, at + HttpWire.AddHeaderLength, (int)length, content));
            at += HttpWire.AddHeaderLength + (int)length;
        }
    }

    void Verify(ReadOnlySpan<byte> body)
    {
        var hashes = new BlockHash[_slots.Count];
        store.Hasher.HashMany(body, _slots.ConvertAll(static slot => new Chunk(slot.Offset, slot.Length)).ToArray(), hashes);
        for (var i = 0; i < hashes.Length; i++)
        {
            if (hashes[i] != _slots[i].Hash)
                throw new BlockCorruptException(_slots[i].Hash, "the request", $"the {_slots[i].Length} bytes that came have another hash");
        }
    }

    // What is there is added all the same: so the store knows that a flush has to make it durable, whoever stored it.
    async ValueTask<AddCounts> AddClaimsAsync(List<(BlockHash Hash, BlockContent Content)> claims, List<string> missing, CancellationToken cancellationToken)
    {
        var counts = default(AddCounts);
        foreach (var (hash, content) in claims)
        {
            using var lease = await store.GetAsync(hash, cancellationToken);
            if (lease.IsPresent)
                counts += await store.AddManyAsync(lease.Memory, new[] { new BlockSlot(hash, 0, lease.Memory.Length, content) }, cancellationToken);
            else
                missing.Add(hash.ToString());
        }

        return counts;
    }
}
