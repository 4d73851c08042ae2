using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.References;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Packing;
using Vt.Volumes.Branches;

namespace Vt.Hosts.StaticExport;

/// <summary>A part of a store that is to be written elsewhere: references, and all blocks that they lead to. Not thread-safe.</summary>
public sealed class StoreSelection
{
    const int LongestTreeName = 200;

    readonly IBlockStore _store;
    readonly NeededBlocks _needed;
    readonly Dictionary<string, string> _references;
    readonly HashSet<string> _trees = new(StringComparer.Ordinal);

    /// <summary>Begins with nothing.</summary>
    /// <param name="store">Has everything; not disposed.</param>
    /// <param name="isThere">Tells whether a block is there already, where it is to be written: as a tree, with all that is below it, or at all.</param>
    /// <param name="references">References that are there already.</param>
    public StoreSelection(IBlockStore store, Func<BlockHash, bool, bool> isThere, IReadOnlyDictionary<string, string>? references = null)
    {
        _store = store;
        _needed = new NeededBlocks(new DirectoryReader(store, new DirectoryNodeCache()), isThere);
        _references = new Dictionary<string, string>(references ?? new Dictionary<string, string>(), StringComparer.Ordinal);
    }

    /// <summary>What references of trees begin with.</summary>
    public static string TreePrefix => "trees/";

    /// <summary>The blocks that are to be written, each once.</summary>
    public IReadOnlyList<BlockHash> Blocks => _needed.Needed;

    /// <summary>Those that have others below them.</summary>
    public IReadOnlySet<BlockHash> Trees => _needed.Trees;

    /// <summary>The references and their values.</summary>
    public IReadOnlyDictionary<string, string> References => _references;

    /// <summary>Takes along a tree, under a reference <c>trees/NAME</c>, or none.</summary>
    /// <param name="root">The tree, with its inode table.</param>
    /// <param name="name">The name; characters that no reference has become underscores.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">Another tree that was taken along has that name.</exception>
    public async Task AddTreeAsync(Dirent root, string? name, CancellationToken cancellationToken = default)
    {
        await _needed.AddTreeAsync(root, cancellationToken);
        if (name is null)
            return;
        var reference = TreePrefix + Sanitise(name);
        if (!_trees.Add(reference) && _references[reference] != root.ToString())
            throw new UserErrorException($"two trees would both be called {reference}; write them one by one");
        AddReference(reference, root.ToString());
    }

    /// <summary>Takes along a volume with its branches, its tags and all their history.</summary>
    public async Task AddVolumeAsync(Volume volume, CancellationToken cancellationToken = default)
    {
        var references = (IRefStore)_store;
        var waiting = new Stack<BlockHash>();
        foreach (var prefix in (string[])[$"volume/{volume.Id:D}/branches/", $"volume/{volume.Id:D}/tags/"])
        {
            await foreach (var name in references.ListAsync(prefix, cancellationToken))
            {
                if (await references.ReadAsync(name, cancellationToken) is not { } value)
                    continue;
                AddReference(name, value);
                if (BlockHash.TryParse(value, out var commit))
                    waiting.Push(commit);
            }
        }

        while (waiting.TryPop(out var id))
        {
            if (!_needed.TryAddTree(id))
                continue;
            var commit = await volume.Commits.ReadAsync(id, cancellationToken);
            await _needed.AddTreeAsync(commit.Root, cancellationToken);
            foreach (var parent in commit.Parents)
                waiting.Push(parent);
        }

        AddReference($"volumes/{volume.Name}", volume.Id.ToString("D"));
    }

    /// <summary>Takes along a reference.</summary>
    public void AddReference(string name, string value)
    {
        RefName.Check(name, value, "");
        _references[name] = value;
    }

    /// <summary>Takes along every block that the store has, and every reference.</summary>
    public async Task AddAllAsync(CancellationToken cancellationToken = default)
    {
        if (_store is not IBlockEnumeration listing)
            throw new UserErrorException($"{_store.Description} can't list its blocks; say which trees are to be exported");
        await foreach (var hash in listing.EnumerateAsync(cancellationToken: cancellationToken))
            _needed.Add(hash);
        if (_store is not IRefStore references)
            return;
        await foreach (var name in references.ListAsync(cancellationToken: cancellationToken))
        {
            if (await references.ReadAsync(name, cancellationToken) is { } value)
                AddReference(name, value);
        }
    }

    static string Sanitise(string name)
    {
        var clean = string.Concat(name.Trim('/', '.').Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@' or '+' ? c : '_'));
        return clean.Length switch
        {
            0 => "tree",
            > LongestTreeName => clean[..LongestTreeName],
            _ => clean,
        };
    }
}
