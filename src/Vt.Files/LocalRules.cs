using System.Text;
using Vt.Blocks.Contracts;
using Vt.Trees.Import;

namespace Vt.Files;

/// <summary>
/// Which names of a live file system are local: usable as any other, but in no state of the archive. Rules are asked in their order and the first that
/// matches decides; a folder that is local covers all below it. Immutable.
/// </summary>
public sealed class LocalRules : IEquatable<LocalRules>
{
    /// <summary>How many bytes all patterns may have together, a few more than their own counted for each.</summary>
    public const int Longest = 8 << 10;

    const byte ExcludeSign = (byte)'-';
    const byte IncludeSign = (byte)'+';

    readonly byte[] _text;
    readonly FilterRules _filter;

    LocalRules(byte[] text, FilterRules filter)
    {
        _text = text;
        _filter = filter;
    }

    /// <summary>No rules: nothing is local.</summary>
    public static LocalRules None { get; } = new([], new FilterRules());

    /// <summary>Whether there are no rules.</summary>
    public bool IsEmpty => _text.Length == 0;

    /// <summary>These rules and one more behind them.</summary>
    /// <param name="pattern">As <see cref="FilterRules.Include"/> takes it; the tree's root is what it is anchored at.</param>
    /// <param name="isExclude">Whether what matches is local; otherwise it is stored.</param>
    /// <exception cref="UserErrorException">It is empty or malformed, or there are too many.</exception>
    public LocalRules With(ReadOnlySpan<byte> pattern, bool isExclude)
    {
        if (pattern.Contains((byte)0))
            throw new UserErrorException("a pattern has a zero byte");
        byte[] text = [.. _text, isExclude ? ExcludeSign : IncludeSign, .. pattern, 0];
        return text.Length <= Longest ? Of(text) : throw new UserErrorException($"the patterns have more than {Longest} bytes together");
    }

    /// <summary>The rules as bytes, for <see cref="Parse"/>: of each its sign, its pattern and a zero byte.</summary>
    internal ReadOnlySpan<byte> Text => _text;

    /// <summary>Reads what <see cref="Text"/> gave.</summary>
    /// <exception cref="FormatInvalidException">The bytes are no rules.</exception>
    internal static LocalRules Parse(ReadOnlySpan<byte> text)
    {
        try
        {
            return text.IsEmpty ? None : Of(text.ToArray());
        }
        catch (UserErrorException fault)
        {
            throw new FormatInvalidException($"the rules of what is local are damaged: {fault.Message}");
        }
    }

    /// <summary>Whether the rules make a name local that stands in a folder which is not.</summary>
    /// <param name="path">Its path from the root, without a slash in front.</param>
    /// <param name="isDirectory">Whether it is a directory.</param>
    internal bool Excludes(ReadOnlySpan<byte> path, bool isDirectory) => _filter.Excludes(path, isDirectory);

    /// <inheritdoc/>
    public bool Equals(LocalRules? other) => other is not null && _text.AsSpan().SequenceEqual(other._text);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LocalRules);

    /// <inheritdoc/>
    public override int GetHashCode() => Encoding.Latin1.GetString(_text).GetHashCode(StringComparison.Ordinal);

    static LocalRules Of(byte[] text)
    {
        var filter = new FilterRules();
        if (text.Length > Longest || text[^1] != 0)
            throw new UserErrorException("they don't end");
        for (var at = 0; at < text.Length;)
        {
            var length = text.AsSpan(at).IndexOf((byte)0);
            var pattern = text.AsMemory(at + Math.Min(1, length), Math.Max(0, length - 1));
            if (text[at] == ExcludeSign)
                filter.Exclude(pattern);
            else if (text[at] == IncludeSign)
                filter.Include(pattern);
            else
                throw new UserErrorException("a rule neither includes nor excludes");
            at += length + 1;
        }

        return new LocalRules(text, filter);
    }
}
