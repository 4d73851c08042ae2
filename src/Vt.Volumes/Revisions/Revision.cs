using System.Globalization;
using Vt.Blocks.Contracts;

namespace Vt.Volumes.Revisions;

/// <summary>
/// What people type to name a commit: <c>[VOLUME@]NAME</c> with any of <c>^</c>, <c>^N</c>, <c>~N</c>, <c>@{N}</c> and <c>@{DATE}</c> behind it, as in
/// gitrevisions(7). The name is a branch, a tag, <c>HEAD</c> or <c>@</c>, a commit's name or the beginning of one, or a date. Immutable.
/// </summary>
public sealed record Revision
{
    /// <summary>What stands for the branch that is checked out.</summary>
    public const string Head = "HEAD";

    // More parents than any history has: a slip of the finger.
    const int LargestNumber = 1_000_000_000;

    Revision(string text)
    {
        Text = text;
    }

    /// <summary>What was typed.</summary>
    public string Text { get; }

    /// <summary>The volume; null for the current one.</summary>
    public string? Volume { get; private init; }

    /// <summary>The name; <see cref="Head"/> where none was typed.</summary>
    public string Name { get; private init; } = Head;

    /// <summary>What follows it.</summary>
    public IReadOnlyList<RevisionStep> Steps { get; private init; } = [];

    /// <summary>Whether it is a name alone.</summary>
    public bool IsName => Steps.Count == 0;

    /// <summary>Takes a text apart. Whether there is such a commit is found out by <see cref="RevisionResolver"/>.</summary>
    /// <exception cref="UserErrorException">It is none.</exception>
    public static Revision Parse(string text)
    {
        var at = FindVolume(text);
        var rest = text.AsSpan(at < 0 ? 0 : at + 1);
        var end = EndOfName(rest);
        var name = rest[..end].ToString();
        if (name.Length == 0 && (rest.IsEmpty || rest[0] is '^' or '~') && at < 0)
            throw Fault(text, "nothing stands before it");
        return new Revision(text)
        {
            Volume = at < 0 ? null : text[..at],
            Name = name is "" or "@" ? Head : name,
            Steps = ParseSteps(text, rest[end..]),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    // An @ that a brace doesn't follow, with something before it, ends a volume's name.
    static int FindVolume(string text)
    {
        for (var at = text.IndexOf('@', StringComparison.Ordinal); at >= 0; at = text.IndexOf('@', at + 1))
        {
            if (at > 0 && (at + 1 == text.Length || text[at + 1] != '{'))
                return text.AsSpan(0, at).IndexOfAny('^', '~', '{') < 0 ? at : throw Fault(text, "a volume's name has no ^, ~ or {");
        }

        return -1;
    }

    static int EndOfName(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '^' or '~' || (text[i] == '@' && i + 1 < text.Length && text[i + 1] == '{'))
                return i;
        }

        return text.Length;
    }

    static List<RevisionStep> ParseSteps(string whole, ReadOnlySpan<char> text)
    {
        var steps = new List<RevisionStep>();
        while (!text.IsEmpty)
        {
            if (text[0] == '@')
            {
                var close = text.IndexOf('}');
                if (close < 3)
                    throw Fault(whole, "@{ needs a number or a date, and }");
                if (steps.Count > 0)
                    throw Fault(whole, "@{…} follows a branch's name");
                var inner = text[2..close];
                steps.Add(inner.IndexOfAnyExceptInRange('0', '9') < 0 && inner.Length < 10
                    ? new RevisionStep(RevisionStepKind.Movement, int.Parse(inner, CultureInfo.InvariantCulture))
                    : new RevisionStep(RevisionStepKind.Moment, 0, inner.ToString()));
                text = text[(close + 1)..];
                continue;
            }

            var kind = text[0] switch
            {
                '^' => RevisionStepKind.Parent,
                '~' => RevisionStepKind.Ancestor,
                _ => throw Fault(whole, $"'{text[0]}' can't follow there"),
            };
            text = text[1..];
            steps.Add(new RevisionStep(kind, TakeNumber(whole, ref text) ?? 1));
        }

        return steps;
    }

    static int? TakeNumber(string whole, ref ReadOnlySpan<char> text)
    {
        var length = text.IndexOfAnyExceptInRange('0', '9');
        length = length < 0 ? text.Length : length;
        if (length == 0)
            return null;
        if (!int.TryParse(text[..length], CultureInfo.InvariantCulture, out var number) || number > LargestNumber)
            throw Fault(whole, "a number is too large");
        text = text[length..];
        return number;
    }

    static UserErrorException Fault(string text, string what) => new($"'{text}' is no revision: {what}; write HEAD, HEAD^, main~3, main@{{2}}, main@{{yesterday}}, VOLUME@BRANCH or a commit's name");
}
