using System.Buffers;

namespace Vt.Stores.References;

/// <summary>What a reference may be called, and what it may be set to: the rules that <see cref="Blocks.Contracts.IRefStore"/> states.</summary>
public static class RefName
{
    /// <summary>The longest name, in characters.</summary>
    public const int LongestName = 255;

    /// <summary>The longest value or note, in characters: a line that a person can still look at.</summary>
    public const int LongestText = 1 << 20;

    static readonly SearchValues<char> _allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.@+/");

    /// <summary>Whether a name is 1 to 255 allowed characters without empty, <c>.</c> or <c>..</c> parts.</summary>
    public static bool IsValid(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || name.Length > LongestName || name.ContainsAnyExcept(_allowed))
            return false;
        foreach (var part in name.Split('/'))
        {
            if (name[part] is "" or "." or "..")
                return false;
        }

        return true;
    }

    /// <summary>Refuses a name that is none.</summary>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public static void Check(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsValid(name))
        {
            throw new ArgumentException(
                $"\"{name}\" is no name for a reference: 1 to {LongestName} letters, digits and -_.@+/, without empty, . or .. parts", nameof(name));
        }
    }

    /// <summary>Refuses a movement whose parts could not be kept as a line of text.</summary>
    /// <exception cref="ArgumentException">The name is not valid, or the value or the note is not one line.</exception>
    public static void Check(string name, string? value, string note)
    {
        Check(name);
        ArgumentNullException.ThrowIfNull(note);
        CheckLine(value ?? "", nameof(value));
        CheckLine(note, nameof(note));
    }

    static void CheckLine(string text, string parameter)
    {
        if (text.Length > LongestText || text.AsSpan().IndexOfAny('\n', '\r', '\0') >= 0)
            throw new ArgumentException($"a reference's {parameter} is one line of at most {LongestText} characters", parameter);
    }
}
