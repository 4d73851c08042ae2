using System.Globalization;
using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Volumes.Retention;

namespace Vt.Volumes.Branches;

/// <summary>
/// The tags that a schedule makes of a branch: <c>auto/BRANCH/2026-11-22T10-30-00Z</c>. Their commits have the branch's newest commit of then as their parent and no
/// commit has one of them, so that they can be thinned without touching any history.
/// </summary>
/// <param name="volume">The volume.</param>
/// <param name="branch">The branch.</param>
public sealed class AutomaticTags(Volume volume, string branch)
{
    const string Form = "yyyy-MM-dd'T'HH-mm-ss'Z'";

    readonly string _prefix = $"{Volume.AutomaticPrefix}{branch}/";

    /// <summary>The tags and their moments, the oldest first. Others below the same prefix, also those of branches below this one, are left out.</summary>
    public async IAsyncEnumerable<(string Tag, DateTimeOffset When)> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var tag in volume.ListTagsAsync(cancellationToken))
        {
            if (tag.StartsWith(_prefix, StringComparison.Ordinal)
                && DateTimeOffset.TryParseExact(tag.AsSpan(_prefix.Length), Form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var when))
                yield return (tag, when);
        }
    }

    /// <summary>The commit of the newest one.</summary>
    /// <returns>Null where there is none.</returns>
    public async ValueTask<BlockHash?> ReadNewestAsync(CancellationToken cancellationToken = default)
    {
        string? newest = null;
        await foreach (var (tag, _) in ListAsync(cancellationToken))
            newest = tag;
        return newest is null ? null : await volume.ReadTagAsync(newest, cancellationToken);
    }

    /// <summary>Makes one of a moment, or, where there is one, of the next second that has none.</summary>
    /// <returns>The tag.</returns>
    /// <exception cref="UserErrorException">The branch's name leaves no room for a date.</exception>
    public async ValueTask<string> AddAsync(BlockHash commit, DateTimeOffset when, string note, CancellationToken cancellationToken = default)
    {
        for (; ; when += TimeSpan.FromSeconds(1))
        {
            var tag = _prefix + when.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture);
            if (await volume.ReadTagAsync(tag, cancellationToken) is not null)
                continue;
            await volume.SetTagAsync(tag, commit, mayMove: false, note, cancellationToken);
            return tag;
        }
    }

    /// <summary>Ends those that rules don't keep.</summary>
    /// <returns>How many.</returns>
    public async ValueTask<int> ThinAsync(KeepRules rules, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        var tags = new Dictionary<DateTimeOffset, string>();
        await foreach (var (tag, when) in ListAsync(cancellationToken))
            tags.Add(when, tag);
        var thinned = rules.FindThinned(tags.Keys, now);
        foreach (var when in thinned)
            await volume.SetTagAsync(tags[when], null, mayMove: true, "auto-commit: thinned", cancellationToken);
        return thinned.Count;
    }
}
