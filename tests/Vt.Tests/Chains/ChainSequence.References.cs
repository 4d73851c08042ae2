using Vt.Blocks.Contracts;
using Vt.Tests.Support;

namespace Vt.Tests.Chains;

/// <content>A reference that is moved to trees of what a user has added or was told is there.</content>
sealed partial class ChainSequence
{
    const string Reference = "branch/main";

    // Each that was made, whether or not the reference ever led to it.
    readonly List<(TestBlock Root, TestBlock[] Below)> _trees = [];
    int _moves;

    // Children, parent, flush, reference: as whoever writes to a store does it.
    async Task MoveAsync(ChainUser user)
    {
        if (_random.Next(2) == 0)
            await ContainsAsync(user, [.. _blocks.Skip(_random.Next(20)).Take(4)]);
        TestBlock[] known = [.. user.Added.Concat(user.Told).Intersect(_blocks).OrderBy(block => Array.IndexOf(_blocks, block))];
        if (known.Length == 0)
            return;
        TestBlock[] below = [.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => known[_random.Next(known.Length)]).Distinct()];
        var root = TestBlock.Of(Hasher, [.. below.SelectMany(static block => block.Hash.Digest.ToArray()), (byte)_trees.Count], BlockContent.Tree);
        _trees.Add((root, below));
        if (!await AddAsync(user, root) || !await FlushAsync(user))
            return;
        var references = (IRefStore)user.Store!;
        string? before = null;
        var isMoved = false;
        await TryAsync($"{NameOf(user)} move to {Names(root)}, which has {Names(below)}", async token =>
        {
            before = await references.ReadAsync(Reference, token);
            isMoved = await references.TryMoveAsync(Reference, before, root.Hash.ToString(), "next", token);
        });
        _moves += isMoved ? 1 : 0;
    }

    // Wherever the reference is kept, all that it leads to is kept as well.
    async Task CheckEndsAsync(bool withDisks)
    {
        foreach (var end in _chain.OpenEnds(withDisks))
        {
            await CheckReferenceAsync(end);
            await end.DisposeAsync();
        }
    }

    async Task CheckReferenceAsync(IBlockStore store)
    {
        string? value = null;
        await WithinAsync(Task.Run(async () => value = await ((IRefStore)store).ReadAsync(Reference)));
        if (value is null)
            return;
        var (root, below) = _trees.Single(tree => tree.Root.Hash.ToString() == value);
        foreach (var block in below.Prepend(root))
        {
            var isThere = false;
            await WithinAsync(Task.Run(async () => isThere = await TestBlock.IsInAsync(store, block)));
            Require(isThere, $"the reference leads to {Names(root)}, and {Names(block)} is not in {store.Description}");
        }
    }
}
