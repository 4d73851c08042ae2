using Vt.Blocks.Hashing;
using Vt.Volumes.Branches;

namespace Vt.Remotes;

/// <summary>A branch or tag of a volume.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsTag">Whether it is a tag.</param>
readonly record struct RefName(string Name, bool IsTag)
{
    const int AtOnce = 16;

    /// <summary>The branches and tags of a volume; of automatic tags none, since each machine makes and ends its own.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="name">The one that is wanted; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Each with its commit, which is null of branches without any. Empty where there is none of that name.</returns>
    public static async Task<IReadOnlyDictionary<RefName, BlockHash?>> ReadAllAsync(Volume volume, string? name, CancellationToken cancellationToken)
    {
        var names = new List<RefName>();
        if (name is null)
        {
            await foreach (var branch in volume.ListBranchesAsync(cancellationToken))
                names.Add(new RefName(branch, false));
            await foreach (var tag in volume.ListTagsAsync(cancellationToken))
            {
                if (!Volume.IsAutomatic(tag))
                    names.Add(new RefName(tag, true));
            }
        }
        else if (await volume.HasBranchAsync(name, cancellationToken))
        {
            names.Add(new RefName(name, false));
        }
        else if (await volume.ReadTagAsync(name, cancellationToken) is not null)
        {
            names.Add(new RefName(name, true));
        }

        return await ReadAllAsync(volume, names, cancellationToken);
    }

    /// <summary>Where branches and tags are; those that are not there are left out.</summary>
    public static async Task<IReadOnlyDictionary<RefName, BlockHash?>> ReadAllAsync(Volume volume, IEnumerable<RefName> names, CancellationToken cancellationToken)
    {
        var found = new Dictionary<RefName, BlockHash?>();
        foreach (var part in names.Chunk(AtOnce))
        {
            var values = await Task.WhenAll(part.Select(one => one.ReadAsync(volume, cancellationToken)));
            for (var i = 0; i < part.Length; i++)
            {
                if (values[i].IsThere)
                    found[part[i]] = values[i].Commit;
            }
        }

        return found;
    }

    /// <summary>Where it is.</summary>
    async Task<(bool IsThere, BlockHash? Commit)> ReadAsync(Volume volume, CancellationToken cancellationToken)
    {
        if (IsTag)
            return await volume.ReadTagAsync(Name, cancellationToken) is { } tagged ? (true, tagged) : default;
        var (isThere, tip) = await volume.TryReadTipAsync(Name, cancellationToken);
        return (isThere, tip);
    }

    /// <summary>The name as people read it.</summary>
    public string In(Volume volume) => $"{volume.Name}@{Name}";
}
