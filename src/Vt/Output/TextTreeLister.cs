using System.Globalization;
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
    // So many lines decide the columns' widths before they are printed; a longer listing goes on with the widest so far.
    const int MostHeld = 4096;
    const int Columns = 4;

    readonly List<string[]> _held = [];
    readonly int[] _widths = new int[Columns];
    bool _started;

    /// <inheritdoc/>
    public override void Finish() => PrintHeld();

    /// <inheritdoc/>
    protected override void BeginDirectory(byte[] path, bool withHeading)
    {
        PrintHeld();
        if (!withHeading)
            return;
        if (_started)
            output.WriteLine();
        output.Write(path.Length == 0 ? "." : NameText.Of(path));
        output.WriteLine(":");
        _started = true;
    }

    /// <inheritdoc/>
    protected override void EndDirectory() => PrintHeld();

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

        if (entry.Kind == DirentKind.Symlink)
            name += " -> " + NameText.Of(await Trees.TargetOfAsync(entry, cancellationToken));
        var size = entry.Metadata.Device is { } device
            ? string.Create(CultureInfo.InvariantCulture, $"{device.Major}, {device.Minor}")
            : (entry.Kind == DirentKind.Directory ? 0 : entry.Size).ToString(CultureInfo.InvariantCulture);
        _held.Add(
        [
            DirentText.LinksOf(entry).ToString(CultureInfo.InvariantCulture),
            DirentText.OwnerOf(entry.Metadata.UserName, entry.Metadata.Uid),
            DirentText.OwnerOf(entry.Metadata.GroupName, entry.Metadata.Gid),
            size,
            DirentText.ModeOf(entry) + (entry.Metadata.Xattrs.IsEmpty ? ' ' : '+'),
            DirentText.MinuteOf(entry.Metadata.ModificationTime, zone),
            name,
        ]);
        if (_held.Count == MostHeld)
            PrintHeld();
    }

    void PrintHeld()
    {
        foreach (var line in _held)
        {
            for (var i = 0; i < Columns; i++)
                _widths[i] = Math.Max(_widths[i], line[i].Length);
        }

        foreach (var line in _held)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{line[4]} {line[0].PadLeft(_widths[0])} {line[1].PadRight(_widths[1])} {line[2].PadRight(_widths[2])} {line[3].PadLeft(_widths[3])} {line[5],16} {line[6]}"));
        }

        _held.Clear();
    }
}
