using Vt.Posix;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.DataDir.Packs;

/// <summary>The packs that lie in the folder at one moment.</summary>
/// <param name="Closed">Those that have their table of contents.</param>
/// <param name="Open">Those that are being written, or were when their writer died.</param>
/// <param name="Fresh">Those that have no header yet, or whose maker died before they had.</param>
/// <param name="Doubted">Those whose trees may lack what is below them.</param>
sealed record PackListing(IReadOnlySet<PackId> Closed, IReadOnlySet<PackId> Open, IReadOnlySet<PackId> Fresh, IReadOnlySet<PackId> Doubted)
{
    /// <summary>No packs.</summary>
    public static PackListing None { get; } = new(new HashSet<PackId>(), new HashSet<PackId>(), new HashSet<PackId>(), new HashSet<PackId>());

    /// <summary>Reads the folder. Files with other names are not ours.</summary>
    /// <exception cref="IOException">It can't be read: a listing is never shorter than what is there.</exception>
    public static PackListing Read(DataDirLayout layout)
    {
        var closed = new HashSet<PackId>();
        var open = new HashSet<PackId>();
        var fresh = new HashSet<PackId>();
        var doubted = new HashSet<PackId>();
        foreach (var path in Directory.EnumerateFiles(layout.Packs))
        {
            var name = Path.GetFileName(path);
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            if (dot < 0 || !PackId.TryParse(name.AsSpan(0, dot), out var pack))
                continue;
            _ = name[dot..] switch
            {
                DataDirLayout.ClosedSuffix => closed.Add(pack),
                DataDirLayout.OpenSuffix => open.Add(pack),
                DataDirLayout.NewSuffix => fresh.Add(pack),
                DataDirLayout.DoubtSuffix => doubted.Add(pack),
                _ => false,
            };
        }

        // Renamed while the folder was read: the later name counts.
        open.ExceptWith(closed);
        return new PackListing(closed, open, fresh, doubted);
    }

    /// <summary>
    /// With packs that must be there besides, where they are: a listing may pass over a file that is renamed meanwhile, under both its names.
    /// </summary>
    public PackListing With(DataDirLayout layout, IEnumerable<PackId> expected)
    {
        var closed = new HashSet<PackId>(Closed);
        var open = new HashSet<PackId>(Open);
        foreach (var pack in expected)
        {
            if (closed.Contains(pack) || open.Contains(pack))
                continue;

            // In the order in which it changes its name.
            if (PosixFile.TryStat(layout.OpenPack(pack), out _) == Errno.OK)
                open.Add(pack);
            else if (PosixFile.TryStat(layout.ClosedPack(pack), out _) == Errno.OK)
                closed.Add(pack);
        }

        return this with { Closed = closed, Open = open };
    }
}
