using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores;
using Vt.Stores.Chains;
using Vt.Stores.Memory;
using Vt.Tests.Http;
using Vt.Tests.Streams;

namespace Vt.Tests.Chains;

/// <summary>Who asks about millions of blocks makes nobody remember them all; and who asks a little makes nobody flush.</summary>
public sealed class RelianceBoundTests
{
    const int Many = 1_000_000;
    const int Together = 10_000;

    [Fact]
    public async Task At_a_socket()
    {
        var full = new FullStore();
        await using var served = ServedStore.Start(() => full);
        await using var client = await served.OpenAsync();
        await AskAsync(client, full);
    }

    [Fact]
    public async Task On_the_web()
    {
        var full = new FullStore();
        await using var bed = await HttpBed.StartAsync(full);
        await using var client = await bed.OpenAsync();
        await AskAsync(client, full);
    }

    [Fact]
    public async Task In_a_chain()
    {
        var full = new FullStore();
        await using var late = new LateStore("late", _ => Task.FromResult<IBlockStore>(full), TimeProvider.System);
        await AskAsync(late, full);
    }

    static async Task AskAsync(IBlockStore store, FullStore full)
    {
        var random = new Random(1);
        var names = new BlockHash[Together];
        var present = new bool[Together];
        for (var asked = 0; asked < Many; asked += Together)
        {
            if (asked == 4 * Together)
                Assert.Equal(0, full.Flushes);
            for (var i = 0; i < names.Length; i++)
                names[i] = Name(random);
            await store.ContainsManyAsync(names, present);
            Assert.DoesNotContain(false, present);
        }

        Assert.InRange(full.Flushes, 1, 20);
    }

    static BlockHash Name(Random random)
    {
        var digest = new byte[BlockHash.MaxDigestLength];
        random.NextBytes(digest);
        return new BlockHash(HashAlgorithms.Default, digest);
    }

    /// <summary>A store that says that it has everything.</summary>
    sealed class FullStore() : ForwardingStore(new MemoryStore())
    {
        int _flushes;

        public int Flushes => Volatile.Read(ref _flushes);

        public override ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
        {
            present.Span[..hashes.Length].Fill(true);
            return default;
        }

        public override ValueTask FlushAsync(CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _flushes);
            return base.FlushAsync(cancellationToken);
        }
    }
}
