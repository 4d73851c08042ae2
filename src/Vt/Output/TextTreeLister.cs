using Vt.References;
using Vt.Trees.Dirents;

namespace Vt.Output;

/// <summary>Lists entries as ls(1) does: names, or a line with the columns of <c>ls -l</c>.</summary>
/// <param name="output">Where it goes.</param>
/// <param name="trees">Reads the store.</param>
/// <param name="isLong">Whether the columns are wanted.</param>
/// <param name="zone">The time zone of the times.</param>
sealed class TextTreeLister(ResultWriter output, OpenTrees trees, bool isLong, TimeZoneInfo zone) : TreeLister(trees)
{
    readonly EntryColumns _columns = new(output, zone);
    bool _started;

    /// <inheritdoc/>
    public override void Finish() => _columns.Print();

    /// <inheritdoc/>
    protected override void BeginDirectory(byte[] path, bool withHeading)
    {
        _columns.Print();
        if (!withHeading)
            return;
        if (_started)
            output.WriteLine();
        output.Write(path.Length == 0 ? "." : NameText.Of(path));
        output.WriteLine(":");
        _started = true;
    }

    /// <inheritdoc/>
    protected override void EndDirectory() => _columns.Print();

    /// <inheritdoc/>
    protected override async ValueTask EntryAsync(Dirent entry, byte[] path, CancellationToken cancellationToken)
    {
        _started = true;
        var name = NameText.Of(entry.Name.IsEmpty ? (path.Length == 0 ? "."u8 : path) : entry.Name.Span);
        if (!isLong)
        {
            output.WriteLine(name);
            return;
        }

        _columns.Add(entry, name, entry.Kind == DirentKind.Symlink ? await Trees.TargetOfAsync(entry, cancellationToken) : null);
    }
}
