using Vt.Blocks.Contracts;
using Vt.Output;
using Vt.Posix;
using Vt.Trees.Dirents;

namespace Vt.Ftp;

/// <summary>The commands of a session that copy between its tree and the disk.</summary>
static class TransferCommands
{
    /// <summary>Copies an entry to the disk.</summary>
    public static async Task GetAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        var (path, entry) = await session.FindOneAsync(arguments.Words[0], cancellationToken);
        var (_, name) = FtpPath.Split(path);
        if (arguments.Words.Count < 2 && name.Length == 0)
            throw new UserErrorException("the top has no name: say where it is to go");
        var local = session.Local.Resolve(arguments.Words.Count < 2 ? name : arguments.Words[1].Bytes);
        var isInto = arguments.Words.Count > 1 && name.Length > 0 && LocalFolder.Look(local, follow: true) is { IsDirectory: true };
        await GetOneAsync(session, arguments, path, entry, isInto ? Below(local, name) : local, cancellationToken);
    }

    /// <summary>Copies entries to the disk.</summary>
    public static async Task MgetAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        foreach (var (path, entry) in await session.ExpandAsync(arguments.Words, cancellationToken))
        {
            if (path.Length == 0)
                throw new UserErrorException("the top has no name: get -r / FOLDER copies it");
            await GetOneAsync(session, arguments, path, entry, Below(session.Local.Path, FtpPath.Split(path).Name), cancellationToken);
        }
    }

    /// <summary>Copies a file or tree from the disk.</summary>
    public static async Task PutAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        var sources = await ExpandAsync(session, arguments.Words[0], cancellationToken);
        if (sources.Count > 1)
            throw new UserErrorException($"'{NameText.Of(arguments.Words[0].Bytes)}' stands for {sources.Count} names, and one is wanted; mput takes several");
        var (_, name) = FtpPath.Split(sources[0]);
        var path = arguments.Words.Count > 1 ? session.Resolve(arguments.Words[1]) : session.Folder;
        await PutOneAsync(session, arguments, sources[0], await EditingCommands.IntoAsync(session, path, name, cancellationToken), cancellationToken);
    }

    /// <summary>Copies files and trees from the disk.</summary>
    public static async Task MputAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        foreach (var word in arguments.Words)
        {
            foreach (var source in await ExpandAsync(session, word, cancellationToken))
                await PutOneAsync(session, arguments, source, FtpPath.Below(session.Folder, FtpPath.Split(source).Name), cancellationToken);
        }
    }

    static async Task GetOneAsync(FtpSession session, FtpArguments arguments, byte[] path, Dirent entry, byte[] local, CancellationToken cancellationToken)
    {
        if (entry.Kind == DirentKind.Directory && !arguments.Has('r'))
            throw new UserErrorException($"{FtpPath.Show(path)} is a directory; -r copies it with all below it");
        var there = LocalFolder.Look(local);
        if (there is { IsDirectory: true } && entry.Kind != DirentKind.Directory)
            throw new UserErrorException($"{PathText.Of(local)} is a folder");
        if (there is { IsDirectory: false } && entry.Kind == DirentKind.Directory)
            throw new UserErrorException($"{PathText.Of(local)} is no folder");
        if (there is { IsDirectory: false } && !await MayReplaceAsync(session, arguments, PathText.Of(local), cancellationToken))
            return;
        session.IsPartial |= !await session.Tree.GetAsync(path, entry, local, !arguments.Has('n'), cancellationToken);
    }

    static async Task PutOneAsync(FtpSession session, FtpArguments arguments, byte[] local, byte[] path, CancellationToken cancellationToken)
    {
        if (LocalFolder.Look(local) is not { } source)
            throw new UserErrorException($"there is no {PathText.Of(local)} on the disk");
        if (source.IsDirectory && !arguments.Has('r'))
            throw new UserErrorException($"{PathText.Of(local)} is a directory; -r copies it with all below it");
        if (path.Length == 0)
            throw new UserErrorException($"{PathText.Of(local)} has no name: say where it is to go");
        if (await session.Tree.FindAsync(FtpPath.Split(path).Folder, cancellationToken) is not { Kind: DirentKind.Directory })
            throw new UserErrorException($"there is no folder {FtpPath.Show(FtpPath.Split(path).Folder)}; mkdir -p makes it");
        var there = await session.Tree.FindAsync(path, cancellationToken);
        if (there is { Kind: DirentKind.Directory } && !source.IsDirectory)
            throw new UserErrorException($"{FtpPath.Show(path)} is a directory");
        if (there is { Kind: not DirentKind.Directory } && source.IsDirectory)
            throw new UserErrorException($"{FtpPath.Show(path)} is no directory");
        if (there is not null && (there.Kind != DirentKind.Directory || arguments.Has('n')) && !await MayReplaceAsync(session, arguments, FtpPath.Show(path), cancellationToken))
            return;
        session.IsPartial |= !await session.Tree.PutAsync(local, path, cancellationToken);
    }

    static async ValueTask<bool> MayReplaceAsync(FtpSession session, FtpArguments arguments, string name, CancellationToken cancellationToken)
    {
        if (arguments.Has('n'))
        {
            session.Context.Messages.Say($"{name} is there already, and stays");
            return false;
        }

        if (!arguments.Has('i'))
            return true;
        return session.Ask is { } ask ? await ask($"replace {name}? (y/n) ", cancellationToken) : throw new UserErrorException("-i: nobody is there to be asked");
    }

    static async ValueTask<List<byte[]>> ExpandAsync(FtpSession session, FtpWord word, CancellationToken cancellationToken)
    {
        if (!word.HasWildcards)
            return [session.Local.Resolve(word.Bytes)];
        var found = await session.Local.ExpandAsync(word, cancellationToken);
        return found.Count > 0 ? found : throw new UserErrorException($"nothing on the disk matches '{NameText.Of(word.Bytes)}'");
    }

    static byte[] Below(byte[] folder, byte[] name) => folder is [(byte)'/'] ? [.. folder, .. name] : [.. folder, (byte)'/', .. name];
}
