using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Archives;

/// <summary>
/// What people type to name a tree or something in it: <c>ARCHIVE.vt</c>, <c>ARCHIVE.vt@DATE</c>, a dirent's text or a block
/// reference's text, each with a <c>/path</c> below it or without. Immutable.
/// </summary>
public sealed class RootReference
{
    const string Extension = ".vt";

    RootReference(string text)
    {
        Text = text;
    }

    /// <summary>What was typed.</summary>
    public string Text { get; }

    /// <summary>The archive's path; null of texts that hold the tree themselves.</summary>
    public string? ArchivePath { get; private init; }

    /// <summary>The date of the archive's state that is meant; null for the newest.</summary>
    public string? Date { get; private init; }

    /// <summary>The dirent that was typed, or that a block reference was taken for; null of archives.</summary>
    public Dirent? Root { get; private init; }

    /// <summary>The path below the root, in bytes and without a slash at the front; may be empty.</summary>
    public ReadOnlyMemory<byte> SubPath { get; private init; }

    /// <summary>Takes a text apart. Whether an archive exists is found out where it is opened.</summary>
    /// <param name="text">
    /// The text. A block reference is taken for a file's content, or for a directory's if a slash follows. In a path the
    /// archive is the first part that is a file, or, where there is none, the first that ends with <c>.vt</c>, else the whole.
    /// </param>
    /// <exception cref="UserErrorException">It is empty, or begins as the text of a dirent or block reference but isn't one.</exception>
    public static RootReference Parse(string text) => Parse(text, File.Exists);

    /// <summary>Finds the tree.</summary>
    /// <param name="clock">Has the time zone of dates that don't name one.</param>
    /// <exception cref="UserErrorException">There is no such archive, or no state of that date.</exception>
    public Dirent LoadRoot(TimeProvider clock)
    {
        if (Root is { } root)
            return root;
        var archive = new ArchiveFile(ArchivePath!, clock);
        if (Date is null)
            return archive.ReadLast()?.Root ?? throw new UserErrorException($"archive {ArchivePath} has no state yet");
        if (!ArchiveDate.TryParse(Date, clock.LocalTimeZone, out var last))
            throw new UserErrorException($"'{Date}' is not a date; write it as 2026-11-21, 2026-11-21T07:30 or in seconds since 1970");
        return archive.FindAt(last)?.Root ?? throw new UserErrorException($"archive {ArchivePath} has no state as old as {Date}");
    }

    /// <summary>Finds the tree and follows the path in it.</summary>
    /// <param name="reader">Reads the tree's directories.</param>
    /// <param name="clock">Has the time zone of dates that don't name one.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>
    /// The entry that is meant. It has the root's inode table, so it may serve as the root of a tree itself.
    /// </returns>
    /// <exception cref="UserErrorException">There is no such archive, state or path.</exception>
    public async ValueTask<Dirent> ResolveAsync(DirectoryReader reader, TimeProvider clock, CancellationToken cancellationToken = default)
    {
        var root = LoadRoot(clock);
        if (SubPath.IsEmpty)
            return root;
        var entry = await TreePath.ResolveAsync(reader, root, SubPath, cancellationToken)
            ?? throw new UserErrorException($"there is no '{Vt.Posix.PathText.Of(SubPath.Span)}' in {ArchivePath ?? "that tree"}");
        return entry.Kind == DirentKind.Directory ? entry with { Inodes = root.Inodes } : entry;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    internal static RootReference Parse(string text, Func<string, bool> isFile)
    {
        if (text.Length == 0)
            throw new UserErrorException("an archive or a reference is wanted, but nothing is given");
        return text.Length > 1 && char.IsAsciiLetterUpper(text[0]) && text[1] == '{' ? ParseText(text) : ParsePath(text, isFile);
    }

    static RootReference ParseText(string text)
    {
        var reader = new CharReader(text);
        try
        {
            var isDirent = DirentLetters.Contains(text[0], StringComparison.Ordinal);
            var root = isDirent ? Dirent.Parse(ref reader) : null;
            var content = isDirent ? BlockRef.Empty : BlockRef.Parse(ref reader);
            var isDirectory = reader.Peek() == '/';
            if (!isDirectory && !reader.AtEnd)
                throw reader.Fault("only a path may follow");
            return new RootReference(text)
            {
                Root = root ?? new Dirent { Kind = isDirectory ? DirentKind.Directory : DirentKind.File, Content = content },
                SubPath = SubPathOf(reader.Rest),
            };
        }
        catch (FormatInvalidException fault)
        {
            throw new UserErrorException($"'{text}' is no reference: {fault.What} at character {fault.Offset + 1}", fault);
        }
    }

    static string DirentLetters { get; } = string.Concat(Enumerable.Range(1, (int)DirentKind.Whiteout).Select(static kind => Dirent.LetterOf((DirentKind)kind)));

    static RootReference ParsePath(string text, Func<string, bool> isFile)
    {
        RootReference? likely = null;
        for (var end = NextEnd(text, 0); end >= 0; end = end < text.Length ? NextEnd(text, end + 1) : -1)
        {
            var upTo = text[..end];
            if (isFile(upTo))
                return Archive(text, upTo.Length, upTo.Length, end);
            for (var at = upTo.LastIndexOf('@'); at > upTo.LastIndexOf('/') + 1; at = upTo.LastIndexOf('@', at - 1))
            {
                if (isFile(upTo[..at]))
                    return Archive(text, at, at + 1, end);
            }

            var extension = upTo.IndexOf(Extension, upTo.LastIndexOf('/') + 1, StringComparison.Ordinal);
            var after = extension + Extension.Length;
            if (likely is null && extension >= 0 && (after == end || upTo[after] == '@'))
                likely = Archive(text, after, Math.Min(after + 1, end), end);
        }

        return likely ?? Archive(text, text.Length, text.Length, text.Length);
    }

    static RootReference Archive(string text, int pathEnd, int dateStart, int end) => new(text)
    {
        ArchivePath = text[..pathEnd],
        Date = dateStart < end ? text[dateStart..end] : null,
        SubPath = SubPathOf(text.AsSpan(end)),
    };

    // Where the part of a path that holds a position ends.
    static int NextEnd(string text, int start)
    {
        var slash = text.IndexOf('/', start);
        return slash < 0 ? text.Length : slash;
    }

    static byte[] SubPathOf(ReadOnlySpan<char> text) => LosslessText.ToBytes(text.Trim('/'));
}
