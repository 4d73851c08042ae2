using Vt.Blocks.Contracts;

namespace Vt.Stores.Proxy;

/// <summary>
/// Which store of a <see cref="ProxyStore"/> does what, each list in the order in which the stores are asked. A store may have several roles; it is disposed once.
/// </summary>
public sealed record ProxyRoles
{
    /// <summary>Get every block that is added.</summary>
    public IReadOnlyList<IBlockStore> Save { get; init; } = [];

    /// <summary>The first of these that takes it gets a block that one of <see cref="Save"/> has no room for or can't be reached for.</summary>
    public IReadOnlyList<IBlockStore> SaveElse { get; init; } = [];

    /// <summary>Are asked for blocks.</summary>
    public IReadOnlyList<IBlockStore> Read { get; init; } = [];

    /// <summary>Are asked for what none of <see cref="Read"/> gave.</summary>
    public IReadOnlyList<IBlockStore> ReadElse { get; init; } = [];

    /// <summary>
    /// Get copies of what <see cref="ReadElse"/> gave, and of what was damaged elsewhere. One that isn't among <see cref="Save"/> is a cache: what it has
    /// proves nothing about where blocks are kept, so it is read and never asked whether it has them.
    /// </summary>
    public IReadOnlyList<IBlockStore> Copy { get; init; } = [];

    /// <summary>Where references are kept: the first route that matches a name. Names without one are kept by the first of <see cref="Save"/>.</summary>
    public IReadOnlyList<RefRoute> References { get; init; } = [];
}
