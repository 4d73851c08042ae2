using Vt.Blocks.Contracts;

namespace Vt.Tests.Chains;

/// <summary>A chain that is open, with the servers that stand in it.</summary>
sealed class OpenChain : IAsyncDisposable
{
    readonly Stack<IAsyncDisposable> _parts = new();

    /// <summary>What its users have.</summary>
    public IBlockStore Store { get; private set; } = null!;

    /// <summary>A part that is closed after all that was made later.</summary>
    public T Own<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Push(part);
        return part;
    }

    public OpenChain Top(IBlockStore store)
    {
        Store = Own(store);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out var part))
            await part.DisposeAsync();
    }
}
