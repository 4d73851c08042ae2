using System.Collections.ObjectModel;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Trees.Dirents;

namespace Vt.Volumes.Commits;

/// <summary>A tree at a moment, kept for ever: its root, what came before it, who made it, when and why. Immutable; its name is the hash of its binary form.</summary>
public sealed partial record Commit
{
    /// <summary>The longest binary form, in bytes: it is one block.</summary>
    public const int LargestEncoded = 128 << 10;

    /// <summary>The longest message, in bytes.</summary>
    public const int LongestMessage = 64 << 10;

    /// <summary>The most parents: a merge of more is several merges.</summary>
    public const int MostParents = 64;

    readonly IReadOnlyList<BlockHash> _parents = [];
    readonly IReadOnlyDictionary<string, string> _labels = ReadOnlyDictionary<string, string>.Empty;
    readonly IReadOnlyDictionary<string, string> _provenance = ReadOnlyDictionary<string, string>.Empty;
    readonly ReadOnlyMemory<byte> _message;

    /// <summary>The tree's root, with its inode table.</summary>
    public required Dirent Root { get; init; }

    /// <summary>The commits that came before: none of the first, two or more of a merge, the branch that was merged into first.</summary>
    public IReadOnlyList<BlockHash> Parents
    {
        get => _parents;
        init => _parents = value.Count > MostParents ? throw new FormatInvalidException($"a commit has {value.Count} parents, over the limit of {MostParents}")
            : value.Distinct().Count() == value.Count ? [.. value]
            : throw new FormatInvalidException("a commit has a parent twice");
    }

    /// <summary>Who made the change.</summary>
    public required Signature Author { get; init; }

    /// <summary>Who made the commit.</summary>
    public required Signature Committer { get; init; }

    /// <summary>Why: bytes that should be UTF-8, without any at the end that are white space.</summary>
    public ReadOnlyMemory<byte> Message
    {
        get => _message;
        init => _message = value.Length > LongestMessage
            ? throw new FormatInvalidException($"a message has {value.Length} bytes, over the limit of {LongestMessage}")
            : value.Span.Contains((byte)0) ? throw new FormatInvalidException("a message has a byte 0") : value;
    }

    /// <summary>What people and programs have noted: words, each with a text.</summary>
    public IReadOnlyDictionary<string, string> Labels
    {
        get => _labels;
        init => _labels = Checked(value);
    }

    /// <summary>Where it comes from: <c>host</c>, <c>user</c>, <c>container</c>, <c>image</c>, <c>command</c> and the like, each with a text.</summary>
    public IReadOnlyDictionary<string, string> Provenance
    {
        get => _provenance;
        init => _provenance = Checked(value);
    }

    /// <summary>Fields of a later version, in binary form; carried along.</summary>
    public ReadOnlyMemory<byte> Unknown { get; init; }

    /// <summary>Whether a text may be the word of a label: letters, digits and <c>-_./</c>, 1 to 100 of them, beginning with a letter or digit.</summary>
    public static bool IsWord(string text) =>
        text.Length is > 0 and <= 100 && char.IsAsciiLetterOrDigit(text[0]) && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/');

    /// <summary>Labels in the order of their words' code units, in which every form has them.</summary>
    public static IEnumerable<KeyValuePair<string, string>> InOrder(IReadOnlyDictionary<string, string> labels)
    {
        string[] words = [.. labels.Keys];
        Array.Sort(words, StringComparer.Ordinal);
        foreach (var word in words)
            yield return KeyValuePair.Create(word, labels[word]);
    }

    /// <inheritdoc/>
    public bool Equals(Commit? other) => other is not null && Encode().AsSpan().SequenceEqual(other.Encode());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Root, Committer);

    static ReadOnlyDictionary<string, string> Checked(IReadOnlyDictionary<string, string> value)
    {
        foreach (var (word, text) in value)
        {
            if (!IsWord(word))
                throw new FormatInvalidException($"'{word}' is no word for a label: 1 to 100 letters, digits and -_./, beginning with a letter or digit");
            if (text.Length == 0)
                throw new FormatInvalidException($"the label {word} has no text");
        }

        return new Dictionary<string, string>(value, StringComparer.Ordinal).AsReadOnly();
    }
}
