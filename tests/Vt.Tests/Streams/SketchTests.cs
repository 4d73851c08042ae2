using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Blocks.Reconciliation;
using Vt.Stores.Memory;
using Vt.Stores.Streams;
using Vt.Stores.Streams.Protocol;
using Vt.Stores.Streams.Transport;
using Vt.Tests.Support;
using Vt.Tests.Trees;
using Vt.Trees.Sync;
using Vt.Volumes.Sync;

namespace Vt.Tests.Streams;

public sealed class SketchTests
{
    const int Blocks = 60_000;

    [Theory]
    [InlineData(0)]
    [InlineData(9_000_000)]
    public async Task Of_a_hundredth_that_is_missing_little_more_than_that_goes_over_the_line(long cutEvery)
    {
        var (source, target, missing) = await MakeAsync();
        await using var served = ServedStore.Start(() => source);
        await using var proxy = new LineProxy(served.SocketPath) { CutEvery = cutEvery };
        await using var there = await StreamStore.OpenAsync(new UnixConnector(proxy.Path), served.ClientOptions);
        Assert.True(there.CanSketch);
        var local = new EnumeratedSketches(target, target.Hasher.Algorithm);
        var bytes = 0L;
        await foreach (var names in new SetReconciler(there, local).FindMissingAsync())
        {
            var options = new TransferOptions();
            var transfer = new TreeTransfer(there, target, options);
            await transfer.RunAsync(names.Select(new CommitItems(transfer.Reader).OfUnknown));
            bytes += options.Counters.SentBytes;
        }

        Assert.Equal(missing, bytes);
        Assert.Equal(await source.EnumerateAsync().CountAsync(), await target.EnumerateAsync().CountAsync());
        if (cutEvery == 0)
            Assert.InRange(proxy.Passed, missing, missing + (Blocks / 100 * 150) + 20_000);
    }

    [Fact]
    public async Task The_same_way_round_for_a_push()
    {
        var (source, target, missing) = await MakeAsync();
        await using var served = ServedStore.Start(() => target);
        await using var proxy = new LineProxy(served.SocketPath);
        await using var there = await StreamStore.OpenAsync(new UnixConnector(proxy.Path), served.ClientOptions);
        var found = 0;
        await foreach (var names in new SetReconciler(new EnumeratedSketches(source, source.Hasher.Algorithm), there).FindMissingAsync())
            found += names.Count;
        Assert.Equal(Blocks / 100, found);
        Assert.InRange(proxy.Passed, 1, Blocks / 100 * 60);
        Assert.True(missing > 0);
    }

    [Fact]
    public async Task Questions_come_back_from_their_bytes_and_others_are_refused()
    {
        var key = FingerprintKey.Draw();
        var after = HashAlgorithms.GetHasher(HashAlgorithmId.Blake3).Hash([1]);
        using var writer = new ByteWriter();
        new NamesQuestion(key, new SketchRange(8, 3, 200), after, [1, 2, 3]).Write(writer);
        var names = NamesQuestion.Read(writer.Written, HashAlgorithmId.Blake3);
        Assert.Equal(new SketchRange(8, 3, 200), names.Range);
        Assert.Equal(after, names.After);
        Assert.Equal([1UL, 2, 3], names.Numbers!);
        for (var length = 0; length < writer.Length; length++)
            Assert.Throws<FormatInvalidException>(() => NamesQuestion.Read(writer.Written[..length], HashAlgorithmId.Blake3));
        Samples.ForAll(static random => Samples.Bytes(random, 0, 60), static bytes =>
        {
            try
            {
                SketchQuestion.Read(bytes).Range.Check();
                _ = NamesQuestion.Read(bytes, HashAlgorithmId.Blake3);
            }
            catch (FormatInvalidException)
            {
                // As good an answer.
            }
        }, 2000);

        // A server that is asked for what can't be answers so, and goes on.
        await using var served = ServedStore.Start(() => new MemoryStore());
        await using var there = await served.OpenAsync();
        await Assert.ThrowsAnyAsync<Exception>(async () => await there.SketchAsync(key, new SketchRange(25, 0, 0), 3).CountAsync());
        Assert.Equal(256, await there.SketchAsync(key, SketchRange.All(8), 3).CountAsync());
    }

    static async Task<(MemoryStore Source, MemoryStore Target, long Missing)> MakeAsync()
    {
        var (source, target) = (new MemoryStore(), new MemoryStore());
        var random = new Random(5);
        var blocks = Enumerable.Range(0, Blocks).Select(_ => TestBlock.Of(source.Hasher, Samples.Bytes(random, 100, 200))).ToArray();
        await TestBlock.AddAsync(source, blocks);
        await TestBlock.AddAsync(target, blocks[(Blocks / 100)..]);
        return (source, target, blocks[..(Blocks / 100)].Sum(static block => (long)block.Bytes.Length));
    }
}
