using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Memory;
using Vt.Tests.Support;

namespace Vt.Tests.Chains;

/// <summary>
/// Somebody relies on a store that says of blocks that they are there, which another one added and nobody has made durable. A flush makes them durable, or says that it could not. A derived
/// class puts a store together whose far end is <see cref="Far"/>.
/// </summary>
public abstract class RelianceContract : IAsyncLifetime
{
    static readonly BlockHasher _hasher = HashAlgorithms.GetHasher(HashAlgorithms.Default);

    IBlockStore? _store;

    /// <summary>What outlives everything.</summary>
    protected MemoryStore Lasting { get; } = new();

    /// <summary>What is lost with what was not flushed.</summary>
    private protected ForgetfulStore Far { get; private set; } = null!;

    protected IBlockStore Store => _store!;

    protected TestBlock[] Blocks { get; } = TestBlock.Many(_hasher, 1, 12, 5_000);

    /// <summary>Opens the store of the one who relies on it.</summary>
    protected abstract Task<IBlockStore> OpenAsync();

    /// <summary>What had <see cref="Far"/> loses it, and goes on with another one.</summary>
    protected abstract Task LoseAsync();

    /// <summary>Opens the far end.</summary>
    protected IBlockStore OpenFar() => Far = new ForgetfulStore(Lasting);

    public async Task InitializeAsync() => _store = await OpenAsync();

    public virtual async Task DisposeAsync() => await Store.DisposeAsync();

    [Fact]
    public async Task A_flush_makes_durable_what_the_store_said_is_there()
    {
        await TestBlock.AddAsync(Far, Blocks);
        Assert.All(await ContainsAsync(), Assert.True);
        await Store.FlushAsync();
        await CheckAsync();
    }

    [Fact]
    public async Task What_the_store_said_is_there_and_is_lost_fails_each_flush()
    {
        await TestBlock.AddAsync(Far, Blocks);
        Assert.All(await ContainsAsync(), Assert.True);
        await LoseAsync();
        for (var i = 0; i < 3; i++)
            await RequireToldAsync();
    }

    [Fact]
    public async Task A_flush_vouches_for_one_block_among_many_questions()
    {
        // The first half was asked for alone, each block in a question of its own, between others of which nothing is there.
        await TestBlock.AddAsync(Far, Blocks[..6]);
        var answer = new bool[1];
        foreach (var block in Blocks)
            await Store.ContainsManyAsync(new[] { block.Hash }, answer);
        await LoseAsync();
        await RequireToldAsync(6);
    }

    [Fact]
    public async Task Who_was_told_of_nothing_or_of_what_stays_is_not_bothered()
    {
        await TestBlock.AddAsync(Far, Blocks[..6]);
        await Far.FlushAsync();
        var present = await ContainsAsync();
        Assert.Equal([.. Enumerable.Repeat(true, 6), .. Enumerable.Repeat(false, 6)], present);
        await LoseAsync();
        await FlushOrOpenAnewAsync();
        await CheckAsync(6);
    }

    /// <summary>A flush that succeeds; a store that notices the loss by its failure may say so once.</summary>
    protected virtual ValueTask FlushOrOpenAnewAsync() => Store.FlushAsync();

    /// <summary>A flush either fails or has made durable what was relied on.</summary>
    protected async Task RequireToldAsync(int count = 12)
    {
        try
        {
            await Store.FlushAsync();
        }
        catch (StoreUnavailableException)
        {
            return;
        }

        await CheckAsync(count);
    }

    protected async Task<bool[]> ContainsAsync()
    {
        var present = new bool[Blocks.Length];
        await Store.ContainsManyAsync(Blocks.Select(static block => block.Hash).ToArray(), present);
        return present;
    }

    async Task CheckAsync(int count = 12)
    {
        foreach (var block in Blocks[..count])
            Assert.True(await TestBlock.IsInAsync(Lasting, block), "a flush vouched for a block that is lost");
    }
}
