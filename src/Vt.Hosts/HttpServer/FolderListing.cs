using Vt.Blocks.Contracts;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Hosts.HttpServer;

/// <summary>A page's worth of a folder's entries.</summary>
/// <param name="Entries">The entries, of hard links the inodes under their names.</param>
/// <param name="Total">How many there are in the folder.</param>
/// <param name="Folders">How many of them are folders.</param>
/// <param name="From">How many come before these.</param>
/// <param name="Limit">How many a page has.</param>
/// <param name="Order">What they are ordered by: name, size or time.</param>
/// <param name="IsDescending">Whether the last come first.</param>
sealed record FolderListing(IReadOnlyList<Dirent> Entries, long Total, long Folders, long From, int Limit, string Order, bool IsDescending)
{
    /// <summary>How many entries a page has.</summary>
    public const int UsualLimit = 1000;

    /// <summary>How many entries a page for programs has at most.</summary>
    public const int MostLimit = 10_000;

    /// <summary>Folders with more entries are only shown in the order of the names, in which they are stored: any other takes reading them all.</summary>
    public const int MostSorted = 5000;

    /// <summary>Whether the folder is too large for the order that was asked for.</summary>
    public bool IsTooLarge { get; init; }

    /// <summary>Reads what the query asks for.</summary>
    public static async Task<FolderListing> ReadAsync(DirectoryReader reader, Dirent root, Dirent folder, Exchange exchange)
    {
        var size = await reader.GetRootAsync(folder.Content, cancellationToken: exchange.Aborted);
        var from = exchange.Number("from", 0, long.MaxValue);
        var limit = (int)Math.Max(1, exchange.Number("limit", UsualLimit, MostLimit));
        var order = exchange.Query("sort") is "size" or "time" ? exchange.Query("sort")! : "name";
        var isDescending = exchange.Query("order") == "desc";
        var listing = new FolderListing([], size.Entries, size.Subdirectories, from, limit, order, isDescending);
        if (order != "name" && size.Entries > MostSorted)
            listing = listing with { Order = "name", IsTooLarge = true };
        if (from >= size.Entries)
            return listing;
        return listing.Order == "name"
            ? listing with { Entries = await ByNameAsync(reader, root, folder, listing, exchange.Aborted) }
            : listing with { Entries = await SortedAsync(reader, root, folder, listing, exchange.Aborted) };
    }

    static async Task<List<Dirent>> ByNameAsync(DirectoryReader reader, Dirent root, Dirent folder, FolderListing listing, CancellationToken cancellationToken)
    {
        var count = (int)Math.Min(listing.Limit, listing.Total - listing.From);
        var first = listing.IsDescending ? listing.Total - listing.From - count : listing.From;
        var entries = await TakeAsync(reader, root, folder, first, count, cancellationToken);
        if (listing.IsDescending)
            entries.Reverse();
        return entries;
    }

    static async Task<List<Dirent>> SortedAsync(DirectoryReader reader, Dirent root, Dirent folder, FolderListing listing, CancellationToken cancellationToken)
    {
        var entries = await TakeAsync(reader, root, folder, 0, MostSorted, cancellationToken);
        Comparison<Dirent> compare = listing.Order == "size" ? static (a, b) => SizeOf(a).CompareTo(SizeOf(b)) : static (a, b) => TimeOf(a).CompareTo(TimeOf(b));
        var sign = listing.IsDescending ? -1 : 1;
        var sorted = entries.Order(Comparer<Dirent>.Create((a, b) => sign * compare(a, b)));
        return [.. sorted.Skip((int)listing.From).Take(listing.Limit)];
    }

    static async Task<List<Dirent>> TakeAsync(DirectoryReader reader, Dirent root, Dirent folder, long first, int count, CancellationToken cancellationToken)
    {
        var entries = new List<Dirent>(Math.Min(count, UsualLimit));
        await foreach (var page in reader.ReadPagesFromAsync(folder.Content, first, cancellationToken: cancellationToken))
        {
            for (var i = 0; i < page.Count && entries.Count < count; i++)
                entries.Add(await FollowAsync(reader, root, page.DirentAt(i), cancellationToken));
            if (entries.Count == count)
                break;
        }

        return entries;
    }

    // A hard link whose inode is lost is shown as what it is.
    static async ValueTask<Dirent> FollowAsync(DirectoryReader reader, Dirent root, Dirent entry, CancellationToken cancellationToken)
    {
        try
        {
            return await TreePath.FollowAsync(reader, root, entry, cancellationToken);
        }
        catch (FormatInvalidException)
        {
            return entry;
        }
    }

    static long SizeOf(Dirent entry) => entry.Kind == DirentKind.File ? entry.Size : -1;

    static Timestamp TimeOf(Dirent entry) => entry.Metadata.ModificationTime ?? default;
}
