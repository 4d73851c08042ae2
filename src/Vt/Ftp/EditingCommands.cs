using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Operations;
using Vt.Output;
using Vt.Trees.Dirents;
using Vt.Trees.Sync;

namespace Vt.Ftp;

/// <summary>The commands of a session that change its tree.</summary>
static class EditingCommands
{
    const uint LargestMode = 0xfff;

    /// <summary>Makes folders.</summary>
    public static Task MkdirAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken) =>
        session.Tree.MakeDirectoriesAsync([.. arguments.Words.Select(session.Resolve)], arguments.Has('p'), cancellationToken);

    /// <summary>Removes.</summary>
    public static async Task RmAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        var going = new List<byte[]>();
        foreach (var word in arguments.Words)
        {
            if (arguments.Has('f') && !word.HasWildcards && await session.Tree.FindAsync(session.Resolve(word), cancellationToken) is null)
                continue;
            foreach (var (path, entry) in await session.ExpandAsync([word], cancellationToken))
            {
                if (path.Length == 0)
                    throw new UserErrorException("the top can't be removed");
                if (entry.Kind == DirentKind.Directory && !arguments.Has('r'))
                    throw new UserErrorException($"{FtpPath.Show(path)} is a directory; rm -r removes it with all below it");
                going.Add(path);
            }
        }

        if (going.Count > 0)
            await session.Tree.RemoveAsync(Distinct(going), cancellationToken);
        while (await session.Tree.FindAsync(session.Folder, cancellationToken) is null)
            session.Folder = FtpPath.Split(session.Folder).Folder;
    }

    /// <summary>Gives other names.</summary>
    public static async Task MvAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        var pairs = await PairAsync(session, arguments, (path, _) => path.Length > 0 ? null : "the top has no name", cancellationToken);
        await session.Tree.MoveAsync([.. pairs.Where(static pair => !pair.From.AsSpan().SequenceEqual(pair.To))], cancellationToken);
        foreach (var (from, to) in pairs)
        {
            if (FtpPath.IsWithin(session.Folder, from))
                session.Folder = [.. to, .. session.Folder.AsSpan(from.Length)];
        }
    }

    /// <summary>Copies.</summary>
    public static async Task CpAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        var pairs = await PairAsync(
            session,
            arguments,
            (path, entry) => entry.Kind == DirentKind.Directory && !arguments.Has('r') ? $"{FtpPath.Show(path)} is a directory; cp -r copies it with all below it" : null,
            cancellationToken);
        await session.Tree.CopyAsync(pairs, cancellationToken);
    }

    /// <summary>Makes links.</summary>
    public static async Task LnAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        var path = await IntoAsync(session, session.Resolve(arguments.Words[1]), FtpPath.Split(arguments.Words[0].Bytes).Name, cancellationToken);
        await RefuseTakenAsync(session, path, cancellationToken);
        if (arguments.Has('s'))
            await session.Tree.SymlinkAsync(arguments.Words[0].Bytes, path, cancellationToken);
        else
            await session.Tree.LinkAsync((await session.FindOneAsync(arguments.Words[0], cancellationToken)).Path, path, cancellationToken);
    }

    /// <summary>Gives other permissions.</summary>
    public static async Task ChmodAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        var text = arguments.TextAt(0);
        if (text.Length is 0 or > 5 || text.Any(static c => c is < '0' or > '7') || Convert.ToUInt32(text, 8) is var mode && mode > LargestMode)
            throw new FtpUsageException($"chmod: '{TerminalText.Visible(text)}' is no mode; write it in octal, as 644 or 4755");
        var found = await session.ExpandAsync(arguments.Words.Skip(1), cancellationToken);
        await session.Tree.ChangeModeAsync(Distinct(found.Select(static one => one.Path)), mode, cancellationToken);
    }

    /// <summary>Puts an entry of any tree under a name.</summary>
    public static async Task BindAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        var path = session.Resolve(arguments.Words[0]);
        await RefuseTakenAsync(session, path, cancellationToken);
        var entry = (await session.Tree.Trees.FindAsync(arguments.TextAt(1), cancellationToken)).Entry;
        if (!await IsThereAsync(session, entry, cancellationToken))
        {
            if (!session.HasPeer)
                throw new UserErrorException($"{session.Tree.Store.Description} does not have that; choose a peer that has it, with peer SPEC, and it is brought from there");
            var counters = await BlockExchange.RunAsync(session.Context, "pull", session.Peer, session.Tree.Store, entry, isThorough: false, cancellationToken);
            session.Context.Messages.Say($"pulled {BlockExchange.Summary(counters)}");
        }

        await session.Tree.BindAsync(path, entry, cancellationToken);
    }

    /// <summary>A path, or if that is a folder, a name in it.</summary>
    public static async ValueTask<byte[]> IntoAsync(FtpSession session, byte[] path, byte[] name, CancellationToken cancellationToken) =>
        await session.Tree.FindAsync(path, cancellationToken) is { Kind: DirentKind.Directory } && name.Length > 0 ? FtpPath.Below(path, name) : path;

    // A store that is complete has all below what it has; of another the peer is asked anyway.
    static async ValueTask<bool> IsThereAsync(FtpSession session, Dirent entry, CancellationToken cancellationToken)
    {
        var items = new List<TransferItem>();
        new TreeItems(session.Tree.Store).AddTree(entry, items);
        var present = new bool[items.Count];
        await session.Tree.Store.ContainsManyAsync(items.Select(static item => item.Hash).ToArray(), present, cancellationToken);
        return present.All(static one => one);
    }

    static async ValueTask RefuseTakenAsync(FtpSession session, byte[] path, CancellationToken cancellationToken)
    {
        if (path.Length == 0 || await session.Tree.FindAsync(path, cancellationToken) is not null)
            throw new UserErrorException($"{FtpPath.Show(path)} is there already");
        if (await session.Tree.FindAsync(FtpPath.Split(path).Folder, cancellationToken) is not { Kind: DirentKind.Directory })
            throw new UserErrorException($"there is no folder {FtpPath.Show(FtpPath.Split(path).Folder)}");
    }

    // What goes where: into the last word, if that is a folder, else under that name.
    static async ValueTask<List<(byte[] From, byte[] To)>> PairAsync(
        FtpSession session, FtpArguments arguments, Func<byte[], Dirent, string?> refuse, CancellationToken cancellationToken)
    {
        var target = session.Resolve(arguments.Words[^1]);
        var found = await session.ExpandAsync(arguments.Words.SkipLast(1), cancellationToken);
        var isFolder = await session.Tree.FindAsync(target, cancellationToken) is { Kind: DirentKind.Directory };
        if (found.Count > 1 && !isFolder)
            throw new UserErrorException($"{found.Count} entries can only go into a folder, and {FtpPath.Show(target)} is none");
        var pairs = new List<(byte[] From, byte[] To)>();
        foreach (var (path, entry) in found)
        {
            if (refuse(path, entry) is { } why)
                throw new UserErrorException(why);
            var to = isFolder ? FtpPath.Below(target, FtpPath.Split(path).Name) : target;
            await CheckPairAsync(session, path, entry, to, cancellationToken);
            if (pairs.Exists(pair => pair.To.AsSpan().SequenceEqual(to)))
                throw new UserErrorException($"two of them would be {FtpPath.Show(to)}");
            pairs.Add((path, to));
        }

        return pairs;
    }

    static async ValueTask CheckPairAsync(FtpSession session, byte[] path, Dirent entry, byte[] to, CancellationToken cancellationToken)
    {
        var isSame = path.AsSpan().SequenceEqual(to);
        if (entry.Kind == DirentKind.Directory && FtpPath.IsWithin(to, path) && !isSame)
            throw new UserErrorException($"{FtpPath.Show(to)} is within {FtpPath.Show(path)}");
        if (await session.Tree.FindAsync(FtpPath.Split(to).Folder, cancellationToken) is not { Kind: DirentKind.Directory })
            throw new UserErrorException($"there is no folder {FtpPath.Show(FtpPath.Split(to).Folder)}");
        var there = await session.Tree.FindAsync(to, cancellationToken);
        if (there is not null && !isSame && (there.Kind == DirentKind.Directory || entry.Kind == DirentKind.Directory))
            throw new UserErrorException($"{FtpPath.Show(to)} is there already");
    }

    static List<byte[]> Distinct(IEnumerable<byte[]> paths) => [.. paths.DistinctBy(static path => LosslessText.FromBytes(path))];
}
