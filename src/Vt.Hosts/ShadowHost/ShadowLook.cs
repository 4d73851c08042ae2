using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Import;
using Vt.Trees.Shadow;
using Vt.Trees.Watch;

namespace Vt.Hosts.ShadowHost;

/// <summary>Takes what a folder has into the store. What can't be taken as it is stays as it was, and so is no change.</summary>
/// <param name="store">The store.</param>
/// <param name="cache">Keeps directory nodes.</param>
/// <param name="options">The shadow.</param>
/// <param name="state">The folder in which it keeps what it knows, which is never entered.</param>
/// <param name="unsettled">Receives the paths that changed while they were read.</param>
sealed class ShadowLook(IBlockStore store, DirectoryNodeCache cache, ShadowOptions options, string state, List<byte[]> unsettled)
{
    /// <summary>Looks.</summary>
    /// <param name="seen">The folder's tree before; null where nothing is known.</param>
    /// <param name="scope">Which folders may have changed, and those above them; null for all.</param>
    /// <param name="counters">Counts what is read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<ImportResult> TakeAsync(Dirent? seen, Func<byte[], bool>? scope, ImportCounters counters, CancellationToken cancellationToken)
    {
        var changed = new List<byte[]>();
        var result = await TakeAsync(seen, scope, counters, issue => Note(issue, changed, options.OnIssue), cancellationToken);
        unsettled.AddRange(changed);
        return await KeepAsync(result, seen, changed, cancellationToken);
    }

    /// <summary>Looks once more, where something was done. What was told of the folder is not told again.</summary>
    /// <param name="before">The folder's tree at the first look.</param>
    /// <param name="touched">Where something was done.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Dirent> TakeAgainAsync(Dirent before, IEnumerable<byte[]> touched, CancellationToken cancellationToken)
    {
        var folders = new HashSet<byte[]>(PathBytes.Instance);
        foreach (var path in touched)
        {
            var slash = path.AsSpan().LastIndexOf((byte)'/');
            folders.Add(slash < 0 ? [] : path[..slash]);
            folders.Add(path);
        }

        var changed = new List<byte[]>();
        var scope = new FolderChanges(folders, false).ToScope();
        var result = await TakeAsync(before, scope, new ImportCounters(), issue => Note(issue, changed, null), cancellationToken);
        unsettled.AddRange(changed);
        return (await KeepAsync(result, before, changed, cancellationToken)).Root;
    }

    async ValueTask<ImportResult> TakeAsync(Dirent? seen, Func<byte[], bool>? scope, ImportCounters counters, Action<ImportIssue> onIssue, CancellationToken cancellationToken)
    {
        var rules = new FilterRules();
        rules.Exclude((byte[])[(byte)'/', .. ShadowFolder.StageName, (byte)'/']);
        var import = new ImportOptions
        {
            Delete = true,
            OneFileSystem = true,
            Filter = rules,
            SkippedDirectories = [.. options.SkippedDirectories, state],
            Counters = counters,
            OnIssue = onIssue,
            Scope = scope,
        };
        if (options.Workers > 0)
            import = import with { Workers = options.Workers };
        var importer = new Importer(store, cache);
        var path = LosslessText.ToBytes(options.Folder);
        var result = await importer.ImportAsync(path, seen, default, import, cancellationToken);
        return result.NeedsAll ? await importer.ImportAsync(path, seen, default, import with { Scope = null }, cancellationToken) : result;
    }

    static void Note(ImportIssue issue, List<byte[]> changed, Action<ImportIssue>? tell)
    {
        if (issue.Kind is ImportIssueKind.Changed or ImportIssueKind.AttributesLost && issue.Path.Length > 0)
            changed.Add(issue.Path.ToArray());
        if (issue.Kind != ImportIssueKind.Skipped)
            tell?.Invoke(issue);
    }

    async ValueTask<ImportResult> KeepAsync(ImportResult result, Dirent? seen, List<byte[]> changed, CancellationToken cancellationToken)
    {
        if (changed.Count == 0)
            return result;
        var overlay = new TreeOverlay(new DirectoryReader(store, cache), result.Root, seen ?? ShadowTrees.Nothing);
        foreach (var path in changed)
            await overlay.TakeNameAsync(path, cancellationToken);
        return result with { Root = await overlay.MakeAsync(cancellationToken) };
    }
}
