using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Archives;

/// <summary>
/// What a store knows of an archive that keeps trees in it: the value of the reference <c>archives/ID</c>. The reference's log
/// has every state, so a collection of garbage needs no archive file to know what is in use.
/// </summary>
/// <param name="When">When the newest state was saved.</param>
/// <param name="Root">The newest state's tree.</param>
/// <param name="Path">Where the archive lay then, as an absolute path.</param>
public sealed record ArchiveRegistration(Timestamp When, Dirent Root, string Path)
{
    /// <summary>What the names of all these references begin with.</summary>
    public const string Prefix = "archives/";

    const string Unreserved = "/-._~";

    /// <summary>The name of an archive's reference.</summary>
    public static string NameOf(Guid id) => $"{Prefix}{id:D}";

    /// <summary>Moves an archive's reference to a new state; does nothing where it is there already.</summary>
    /// <param name="refs">The store's references.</param>
    /// <param name="id">The archive's id.</param>
    /// <param name="registration">The new state.</param>
    /// <param name="cancellationToken">Gives up before the move is made.</param>
    public static async ValueTask RegisterAsync(IRefStore refs, Guid id, ArchiveRegistration registration, CancellationToken cancellationToken = default)
    {
        var name = NameOf(id);
        var value = registration.ToString();
        while (true)
        {
            var current = await refs.ReadAsync(name, cancellationToken);
            if (current == value || await refs.TryMoveAsync(name, current, value, "state saved", cancellationToken))
                return;
        }
    }

    /// <summary>The value: time, dirent and path, a blank between; bytes of the path that are special are written <c>%NN</c>.</summary>
    public override string ToString() => $"{When} {Root} {Escape(Path)}";

    /// <summary>Reads a value.</summary>
    /// <exception cref="FormatInvalidException">It is none; the offset says where, in characters.</exception>
    public static ArchiveRegistration Parse(ReadOnlySpan<char> text)
    {
        var reader = new CharReader(text);
        var when = FieldText.ReadTime(ref reader);
        reader.Expect(" ");
        var root = Dirent.Parse(ref reader);
        reader.Expect(" ");
        return new ArchiveRegistration(when, root, Uri.UnescapeDataString(reader.Rest.ToString()));
    }

    static string Escape(string path)
    {
        var text = new StringBuilder(path.Length + 16);
        foreach (var b in Encoding.UTF8.GetBytes(path))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || Unreserved.Contains((char)b, StringComparison.Ordinal))
                text.Append((char)b);
            else
                text.Append('%').Append(Convert.ToHexString([b]));
        }

        return text.ToString();
    }
}
