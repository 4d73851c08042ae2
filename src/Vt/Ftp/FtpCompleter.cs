using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Terminals;
using Vt.Trees.Dirents;

namespace Vt.Ftp;

/// <summary>Completes the words of a session's commands: commands, options, names in its tree and on the disk.</summary>
/// <param name="session">The session.</param>
sealed class FtpCompleter(FtpSession session)
{
    const int MostNames = 10_000;

    /// <summary>Completes the last word of a text.</summary>
    /// <returns>Null where there is nothing that it may become.</returns>
    public async ValueTask<LineCompletion?> CompleteAsync(string text, CancellationToken cancellationToken)
    {
        var lexer = new FtpLexer(text);
        FtpStatement? last = null;
        while (lexer.ReadStatement() is { } statement)
            last = statement;
        if (last?.Shell is not null)
            return null;

        // Behind a blank, or a semicolon, a new word begins.
        var words = last is null || (text.Length > 0 && text[^1] is ';' or '\n' && !lexer.IsOpen) ? [] : last.Words;
        var isNew = words.Count == 0 || (text[^1] is ' ' or '\t' && !lexer.IsOpen && !text.EndsWith("\\ ", StringComparison.Ordinal));
        var word = isNew ? new FtpWord([], [], false, text.Length) : words[^1];
        var before = isNew ? words : [.. words.SkipLast(1)];
        if (before.Count == 0)
            return Choose(word.Start, LosslessText.FromBytes(word.Bytes), FtpCommands.All.SelectMany(static command => (IEnumerable<string>)[command.Name, .. command.Aliases]));
        if (FtpCommands.Find(LosslessText.FromBytes(before[0].Bytes)) is not { } command)
            return null;
        if (word.Bytes is [(byte)'-', ..])
            return Choose(word.Start, LosslessText.FromBytes(word.Bytes), command.Letters.Where(static letter => letter != ':').Select(static letter => $"-{letter}"));
        var place = before.Skip(1).Count(static one => one.Bytes is not [(byte)'-', _, ..]);
        return await CompleteArgumentAsync(command.ArgumentAt(place), word, cancellationToken);
    }

    async ValueTask<LineCompletion?> CompleteArgumentAsync(FtpArgument kind, FtpWord word, CancellationToken cancellationToken) => kind switch
    {
        FtpArgument.Remote or FtpArgument.RemoteFolder => await CompletePathAsync(word, kind == FtpArgument.RemoteFolder, RemoteAsync(word, cancellationToken)),
        FtpArgument.Local or FtpArgument.LocalFolder => await CompletePathAsync(word, kind == FtpArgument.LocalFolder, LocalFolder.ListAsync(session.Local.Resolve(FolderOf(word)))),
        FtpArgument.Command => Choose(word.Start, LosslessText.FromBytes(word.Bytes), FtpCommands.All.Select(static command => command.Name)),
        _ => null,
    };

    static byte[] FolderOf(FtpWord word) => word.Bytes.AsSpan().LastIndexOf((byte)'/') is >= 0 and var slash ? word.Bytes[..(slash + 1)] : [];

    async IAsyncEnumerable<(byte[] Name, bool IsFolder)> RemoteAsync(FtpWord word, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in session.Tree.ListAsync(FtpPath.Resolve(session.Folder, FolderOf(word)), cancellationToken))
            yield return (entry.Name.ToArray(), entry.Kind == DirentKind.Directory);
    }

    // A store that can't answer has nothing to offer; the command will say why.
    static async ValueTask<LineCompletion?> CompletePathAsync(FtpWord word, bool foldersOnly, IAsyncEnumerable<(byte[] Name, bool IsFolder)> names)
    {
        var folder = FolderOf(word);
        var typed = word.Bytes.AsMemory(folder.Length);
        var found = new List<(byte[] Name, bool IsFolder)>();
        try
        {
            await foreach (var name in names)
            {
                if (name.Name.AsSpan().StartsWith(typed.Span) && (name.IsFolder || !foldersOnly) && (name.Name[0] != '.' || typed.Length > 0))
                    found.Add(name);
                if (found.Count == MostNames)
                    break;
            }
        }
        catch (Exception failure) when (failure is UserErrorException or FormatInvalidException or BlockMissingException or BlockCorruptException or StoreUnavailableException or IOException)
        {
            return null;
        }

        if (found.Count == 0)
            return null;
        var common = Common(found.ConvertAll(static one => one.Name));
        var end = found.Count > 1 ? "" : found[0].IsFolder ? "/" : " ";
        var choices = found.ConvertAll(static one => LosslessText.FromBytes(one.Name) + (one.IsFolder ? "/" : ""));
        var isMore = found.Count == 1 || common.Length > typed.Length;
        return new LineCompletion(word.Start, isMore ? FtpQuoting.Word([.. folder, .. common]) + end : null, choices);
    }

    static LineCompletion? Choose(int start, string typed, IEnumerable<string> words)
    {
        var found = words.Where(one => one.StartsWith(typed, StringComparison.Ordinal)).ToList();
        if (found.Count == 0)
            return null;
        var common = LosslessText.FromBytes(Common(found.ConvertAll(static one => LosslessText.ToBytes(one))));
        return new LineCompletion(start, found.Count == 1 ? common + " " : common.Length > typed.Length ? common : null, found);
    }

    // What all begin with, cut between characters.
    static byte[] Common(List<byte[]> names)
    {
        var length = names[0].Length;
        foreach (var name in names)
            length = Math.Min(length, names[0].AsSpan().CommonPrefixLength(name));
        while (length > 0 && length < names[0].Length && (names[0][length] & 0xc0) == 0x80)
            length--;
        return names[0][..length];
    }
}
