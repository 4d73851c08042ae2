using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Tests.Support;
using Vt.Tests.Support.S3;

namespace Vt.Tests.S3;

/// <summary>What readers ask the server for.</summary>
public sealed class S3ReadingTests : IDisposable
{
    const int BlockLength = 60_000;

    static readonly BlockHasher Hasher = HashAlgorithms.GetHasher(HashAlgorithms.Default);

    readonly S3Bed _bed = new();

    public void Dispose() => _bed.Dispose();

    [Theory]
    [InlineData(1, 8, 1)]
    [InlineData(2, 8, 4)]
    [InlineData(3, 16, 8)]
    [InlineData(4, 1, 3)]
    [InlineData(5, 64, 2)]
    public async Task Of_many_readers_of_a_sequence_none_asks_for_what_another_has_asked_for(int seed, int batch, int readers)
    {
        var blocks = await WriteAsync(seed, 400);
        await using var store = await _bed.OpenAsync(isReadOnly: true);
        await ReadAsync(store, blocks.Chunk(batch), readers);
        var parts = Parts();
        Assert.Empty(Overlaps(parts));

        // Parts grow with the sequence, up to four mebibytes.
        Assert.InRange(parts.Count, 1, 12 + (parts.Sum(static part => part.Length) >> 20));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public async Task Readers_in_any_order_get_what_is_there_and_ask_for_nothing_twice(int seed)
    {
        var blocks = await WriteAsync(seed, 400);
        var random = new Random(seed);
        random.Shuffle(blocks);
        var batches = new List<TestBlock[]>();
        for (var at = 0; at < blocks.Length;)
        {
            var length = Math.Min(random.Next(1, 24), blocks.Length - at);
            batches.Add(blocks[at..(at + length)]);
            at += length;
        }

        await using var store = await _bed.OpenAsync(isReadOnly: true);
        await ReadAsync(store, batches, 6);
        Assert.Empty(Overlaps(Parts()));
    }

    [Fact]
    public async Task Who_reads_a_block_here_and_there_gets_little_more_than_that()
    {
        var blocks = await WriteAsync(21, 400);
        await using var store = await _bed.OpenAsync(isReadOnly: true);
        for (var i = 20; i < blocks.Length; i += 100)
            Assert.True(await TestBlock.IsInAsync(store, blocks[i]));
        Assert.InRange(Parts().Sum(static part => part.Length), 4L * BlockLength, 4L * 600_000);
    }

    [Fact]
    public async Task A_part_that_could_not_be_read_is_asked_for_again_by_the_next_reader()
    {
        var blocks = await WriteAsync(31, 40);
        var isDown = true;
        _bed.Settings = _bed.Settings with { Timeout = TimeSpan.FromMilliseconds(50) };
        await using var store = await _bed.OpenAsync((request, _) => isDown && request.Headers.Range is not null ? WireFault.Error : null, isReadOnly: true);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => ReadAsync(store, [blocks], 1));
        isDown = false;
        await ReadAsync(store, [blocks], 1);
    }

    /// <summary>Blocks that can't be compressed, so that their frames take as many bytes as they do.</summary>
    async Task<TestBlock[]> WriteAsync(int seed, int count)
    {
        var random = new Random(seed);
        var blocks = new TestBlock[count];
        for (var i = 0; i < count; i++)
        {
            var bytes = new byte[BlockLength];
            random.NextBytes(bytes);
            blocks[i] = TestBlock.Of(Hasher, bytes, BlockContent.Data);
        }

        await using var writer = await _bed.OpenAsync();
        foreach (var batch in blocks.Chunk(16))
            await TestBlock.AddAsync(writer, batch);
        await writer.FlushAsync();
        return blocks;
    }

    static async Task ReadAsync(IBlockStore store, IEnumerable<TestBlock[]> batches, int readers)
    {
        var pace = new ParallelOptions { MaxDegreeOfParallelism = readers };
        await Parallel.ForEachAsync(batches, pace, async (batch, token) =>
        {
            var leases = new BlockLease[batch.Length];
            await store.GetManyAsync(batch.Select(static block => block.Hash).ToArray(), leases, token);
            for (var i = 0; i < batch.Length; i++)
            {
                Assert.True(leases[i].Span.SequenceEqual(batch[i].Bytes));
                leases[i].Dispose();
            }
        });
    }

    List<(string Key, long First, long Last, long Length)> Parts() =>
        [.. _bed.Wire.Seen.Where(static request => request.Range is not null)
            .Select(static request => (request.Key, request.Range!.Value.First, request.Range!.Value.Last, request.Range!.Value.Last - request.Range!.Value.First + 1))
            .Order()];

    static IEnumerable<string> Overlaps(List<(string Key, long First, long Last, long Length)> parts) =>
        parts.Zip(parts.Skip(1)).Where(static pair => pair.First.Key == pair.Second.Key && pair.Second.First <= pair.First.Last).Select(static pair => $"{pair.First} and {pair.Second}");
}
