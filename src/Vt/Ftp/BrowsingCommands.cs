using Vt.Blocks.Contracts;
using Vt.Output;
using Vt.Trees.Dirents;

namespace Vt.Ftp;

/// <summary>The commands of a session that look.</summary>
static class BrowsingCommands
{
    /// <summary>Goes to a folder.</summary>
    public static async Task CdAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        if (arguments.Words.Count == 0)
        {
            session.Folder = [];
            return;
        }

        var (path, entry) = await session.FindOneAsync(arguments.Words[0], cancellationToken);
        session.Folder = entry.Kind == DirentKind.Directory ? path : throw new UserErrorException($"{FtpPath.Show(path)} is a {DirentText.KindOf(entry.Kind)}");
    }

    /// <summary>Says the folder.</summary>
    public static Task PwdAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        session.Output.WriteLine(FtpPath.Show(session.Folder));
        return Task.CompletedTask;
    }

    /// <summary>Lists.</summary>
    public static async Task LsAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        var listing = new SessionListing(session, arguments.Has('l'), arguments.Has('a'), arguments.Has('R'));
        if (arguments.Words.Count == 0)
        {
            await listing.ListAsync(session.Folder, arguments.Has('R'), cancellationToken);
            return;
        }

        // As ls(1): what is no folder first, then what is in the folders.
        var found = await session.ExpandAsync(arguments.Words, cancellationToken);
        var folders = found.Where(one => one.Entry.Kind == DirentKind.Directory && !arguments.Has('d')).ToList();
        foreach (var (path, entry) in found.Where(one => one.Entry.Kind != DirentKind.Directory || arguments.Has('d')))
            await listing.ShowAsync(path, entry, cancellationToken);
        listing.Finish();
        foreach (var (path, _) in folders)
            await listing.ListAsync(path, found.Count > 1 || arguments.Has('R'), cancellationToken);
    }

    /// <summary>Shows all about entries.</summary>
    public static async Task InspectAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        if (arguments.Words.Count == 0)
            await session.Tree.InspectAsync(session.Folder, (await session.Tree.FindAsync(session.Folder, cancellationToken))!, cancellationToken);
        foreach (var (path, entry) in await session.ExpandAsync(arguments.Words, cancellationToken))
            await session.Tree.InspectAsync(path, entry, cancellationToken);
    }

    /// <summary>Writes files' content.</summary>
    public static async Task CatAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        foreach (var (path, entry) in await session.ExpandAsync(arguments.Words, cancellationToken))
            await session.Tree.CatAsync(path, entry, cancellationToken);
    }
}
