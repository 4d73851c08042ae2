using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.References;

/// <summary>
/// A URI of something stored: <c>x-vt:/REF/PATH</c>, or <c>x-vt://AUTHORITY/REF/PATH</c> with the store that has it. REF is one part: the text of a tree or of
/// a block reference, a volume with or without a revision, or a tree's name in the store; see vt-uri(7). Immutable.
/// </summary>
/// <param name="Authority">A clause of the settings, or a host with a port or without; empty for whatever store is read.</param>
/// <param name="Reference">What is named, at least one character.</param>
/// <param name="Path">The names that lead on from there.</param>
/// <param name="IsFolder">Whether it ends in a slash, as that of a folder does.</param>
sealed record VtUri(string Authority, string Reference, IReadOnlyList<byte[]> Path, bool IsFolder)
{
    const string Scheme = "x-vt:";

    /// <summary>Whether a text means to be such a URI.</summary>
    public static bool IsOne(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a URI.</summary>
    /// <exception cref="UserErrorException">It is none; the message says why.</exception>
    public static VtUri Parse(string text)
    {
        var rest = IsOne(text) ? text.AsSpan(Scheme.Length) : throw Fault(text, $"it does not begin with {Scheme}");
        if (rest.IndexOfAny('?', '#') >= 0)
            throw Fault(text, "there is no ? nor # in it; they are written %3F and %23");
        var authority = "";
        if (rest.StartsWith("//"))
        {
            rest = rest[2..];
            var end = rest.IndexOf('/');
            authority = (end < 0 ? rest : rest[..end]).ToString();
            rest = end < 0 ? "" : rest[end..];
            if (UriAuthority.FaultOf(authority) is { } fault && authority.Length > 0)
                throw Fault(text, fault);
        }

        if (rest is not ['/'] and not ['/', not '/', ..])
            throw Fault(text, $"write {Scheme}/REF/PATH or {Scheme}//STORE/REF/PATH");
        var isFolder = rest[^1] == '/';
        var parts = rest.Trim('/').ToString().Split('/').Select(part => Decode(text, part)).ToArray();
        if (parts[0].Length == 0)
            throw Fault(text, "it names nothing");
        var names = parts[1..];
        if (Array.Exists(names, static name => name is [] or [(byte)'.'] or [(byte)'.', (byte)'.'] || name.AsSpan().Contains((byte)'/')))
            throw Fault(text, "no name in its path is empty, . or .., nor has a slash in it");
        return new VtUri(authority, LosslessText.FromBytes(parts[0]), names, isFolder);
    }

    /// <summary>The URI, in the one form that RFC 3986 and every shell take as it is.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Scheme);
        if (Authority.Length > 0)
            text.Append("//").Append(Authority);
        text.Append('/').Append(PercentText.Encode(LosslessText.ToBytes(Reference)));
        foreach (var name in Path)
            text.Append('/').Append(PercentText.Encode(name));
        return (IsFolder ? text.Append('/') : text).ToString();
    }

    /// <summary>The address of the same at a vt httpd that serves the store.</summary>
    /// <param name="top">Where that is, with or without a slash at its end.</param>
    public string AtServer(string top)
    {
        var text = new StringBuilder(top.TrimEnd('/')).Append("/d/").Append(PercentText.Encode(LosslessText.ToBytes(Reference)));
        foreach (var name in Path)
            text.Append('/').Append(PercentText.Encode(name));
        return (IsFolder ? text.Append('/') : text).ToString();
    }

    /// <inheritdoc/>
    public bool Equals(VtUri? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    static byte[] Decode(string text, string part)
    {
        if (!PercentText.TryDecode(part, out var bytes))
            throw Fault(text, $"'{part}' has a character that a URI writes as %NN, or a % without two hexadecimal digits");
        return bytes.AsSpan().Contains((byte)0) ? throw Fault(text, "a NUL is in no name") : bytes;
    }

    static UserErrorException Fault(string text, string why) => new($"'{text}' is no URI of something stored: {why}");
}
