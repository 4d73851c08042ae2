using System.Globalization;
using Vt.Blocks.Contracts;
using Vt.Trees.Meta;

namespace Vt.Volumes.Commits;

/// <summary>Who did something, and when.</summary>
public sealed record Signature
{
    /// <summary>The longest name or address, in characters.</summary>
    public const int LongestText = 1000;

    readonly string _name = "";
    readonly string _email = "";

    /// <summary>Makes one.</summary>
    /// <param name="name">The person's name; not empty.</param>
    /// <param name="email">The address; may be empty.</param>
    /// <param name="when">When.</param>
    /// <param name="offset">How far the clock on the wall was from UTC: whole minutes, at most 14 hours either way.</param>
    /// <exception cref="FormatInvalidException">A part can't be kept: see <see cref="CheckText"/>.</exception>
    public Signature(string name, string email, Timestamp when, TimeSpan offset)
    {
        Name = name;
        Email = email;
        When = when;
        Offset = offset;
        if (offset.Ticks % TimeSpan.TicksPerMinute != 0 || offset.Duration() > TimeSpan.FromHours(14))
            throw new FormatInvalidException($"{offset} is no distance from UTC");
        if (!when.IsValid)
            throw new FormatInvalidException("a moment has more nanoseconds than a second");
    }

    /// <summary>The person's name.</summary>
    public string Name
    {
        get => _name;
        init => _name = CheckText(value, "name") is { } fault ? throw new FormatInvalidException(fault)
            : value.Length > 0 ? value : throw new FormatInvalidException("a name is empty");
    }

    /// <summary>The address; may be empty.</summary>
    public string Email
    {
        get => _email;
        init => _email = CheckText(value, "address") is { } fault ? throw new FormatInvalidException(fault) : value;
    }

    /// <summary>When.</summary>
    public Timestamp When { get; }

    /// <summary>How far the clock on the wall was from UTC.</summary>
    public TimeSpan Offset { get; }

    /// <summary>The moment, as the clock on the wall showed it.</summary>
    public DateTimeOffset Date => When.ToDateTimeOffset().ToOffset(Offset);

    /// <summary>The person, as <c>Name &lt;address&gt;</c>.</summary>
    public string Person => $"{Name} <{Email}>";

    /// <summary>What is wrong with a name or an address: it is too long, or has an angle bracket or a control character, or blanks around it.</summary>
    /// <returns>Null where nothing is.</returns>
    public static string? CheckText(string text, string what)
    {
        if (text.Length > LongestText)
            return $"the {what} has {text.Length} characters, over the limit of {LongestText}";
        if (text.AsSpan().IndexOfAny('<', '>') >= 0 || text.Any(char.IsControl) || text.Trim().Length != text.Length || HasLoneSurrogate(text))
            return $"the {what} '{text}' has a character that can't be in one: < and >, control characters, blanks around it";
        return null;
    }

    /// <summary>Takes <c>Name &lt;address&gt;</c> apart.</summary>
    /// <returns>Whether it is of that form, and both parts can be kept.</returns>
    public static bool TryParsePerson(string text, out string name, out string email)
    {
        (name, email) = ("", "");
        var open = text.IndexOf('<', StringComparison.Ordinal);
        if (open < 0 || !text.EndsWith('>'))
            return false;
        (name, email) = (text[..open].Trim(), text[(open + 1)..^1].Trim());
        return name.Length > 0 && CheckText(name, "") is null && CheckText(email, "") is null;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Person} {Date:yyyy-MM-ddTHH:mm:sszzz}");

    static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return true;
            i++;
        }

        return false;
    }
}
