using System.Globalization;
using Vt.Blocks.Contracts;
using Vt.Stores.DataDir.Text;

namespace Vt.Stores.S3.Refs;

/// <summary>
/// The body of a reference's object, and of the objects with its older movements: a first line with the name and where the older ones are, and a line a movement,
/// oldest first. The last movement says what the value is now.
/// </summary>
/// <param name="Name">The reference.</param>
/// <param name="Older">The token that names the object with the movements before; empty where there are none.</param>
/// <param name="Movements">The movements; not empty.</param>
sealed record RefObject(string Name, string Older, IReadOnlyList<MovedRef> Movements)
{
    /// <summary>The largest body that is read, in bytes: one movement may have two texts of a MiB, each letter of up to three bytes.</summary>
    public const int LargestBody = 64 << 20;

    const string FirstWord = "vt reference 1";
    const int TokenLength = 32;

    /// <summary>The value now; null where the name has ended.</summary>
    public string? Value => Movements[^1].Movement.Value;

    /// <summary>The object's bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new MemoryStream();
        bytes.Write(CheckedLine.Write(FirstWord, Name, Older, Movements.Count.ToString(CultureInfo.InvariantCulture)));
        foreach (var (movement, token) in Movements)
        {
            bytes.Write(CheckedLine.Write(
                movement.When.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture),
                token,
                movement.Value is null ? "-" : $"={movement.Value}",
                movement.Note));
        }

        return bytes.ToArray();
    }

    /// <summary>Reads an object's bytes.</summary>
    /// <exception cref="FormatInvalidException">They are damaged, cut off, or another reference's.</exception>
    public static RefObject Parse(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length > LargestBody)
            throw new FormatInvalidException($"{bytes.Length} bytes are no reference");
        var lines = CheckedLine.ReadAll(bytes);
        if (lines.Count < 2 || lines[0].Fields is not [FirstWord, var whose, var older, var count] || lines[^1].IsTorn
            || (older.Length > 0 && !IsToken(older)) || count != (lines.Count - 1).ToString(CultureInfo.InvariantCulture))
        {
            throw new FormatInvalidException("this is no whole reference");
        }

        if (whose != name)
            throw new FormatInvalidException("this is another reference");
        var movements = new MovedRef[lines.Count - 1];
        for (var i = 0; i < movements.Length; i++)
            movements[i] = ParseMovement(lines[i + 1].Fields) ?? throw new FormatInvalidException("a reference's movement is damaged", lines[i + 1].Offset);
        return new RefObject(name, older, movements);
    }

    static MovedRef? ParseMovement(string[]? fields) =>
        fields is [var date, var token, var value, var note] && IsToken(token) && value is "-" or ['=', ..]
        && DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var when)
            ? new MovedRef(new RefMovement(when.ToUniversalTime(), value == "-" ? null : value[1..], note), token)
            : null;

    static bool IsToken(string text) => text.Length == TokenLength && text.All(char.IsAsciiHexDigitLower);
}
