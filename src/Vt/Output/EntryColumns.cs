using System.Globalization;
using Vt.Trees.Dirents;

namespace Vt.Output;

/// <summary>The columns of <c>ls -l</c>.</summary>
/// <param name="output">Where they go.</param>
/// <param name="zone">The time zone of the times.</param>
sealed class EntryColumns(ResultWriter output, TimeZoneInfo zone)
{
    // So many lines decide the columns' widths before they are printed; a longer listing goes on with the widest so far.
    const int MostHeld = 4096;
    const int Columns = 4;

    readonly List<string[]> _held = [];
    readonly int[] _widths = new int[Columns];

    /// <summary>Adds a line.</summary>
    /// <param name="entry">The entry, of a hard link the inode.</param>
    /// <param name="name">The name, as it is shown.</param>
    /// <param name="target">A symbolic link's target; null of anything else.</param>
    public void Add(Dirent entry, string name, byte[]? target)
    {
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
            target is null ? name : $"{name} -> {NameText.Of(target)}",
        ]);
        if (_held.Count == MostHeld)
            Print();
    }

    /// <summary>Prints what is held back.</summary>
    public void Print()
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
