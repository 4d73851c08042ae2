using Vt.References;
using Vt.Trees.Dirents;

namespace Vt.Output;

/// <summary>Lists entries as a JSON object a line.</summary>
/// <param name="output">Where it goes.</param>
/// <param name="trees">Reads the store.</param>
sealed class JsonTreeLister(ResultWriter output, OpenTrees trees) : TreeLister(trees)
{
    /// <inheritdoc/>
    protected override async ValueTask EntryAsync(Dirent entry, byte[] path, CancellationToken cancellationToken)
    {
        var target = entry.Kind == DirentKind.Symlink ? await Trees.TargetOfAsync(entry, cancellationToken) : null;
        var json = output.BeginJson();
        json.WriteStartObject();
        NameText.WriteJson(json, "path", path);
        DirentText.WriteJson(json, entry);
        if (target is not null)
            NameText.WriteJson(json, "target", target);
        json.WriteEndObject();
        output.EndJson();
    }
}
