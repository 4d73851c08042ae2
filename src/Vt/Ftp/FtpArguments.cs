using Vt.Blocks.Encoding;

namespace Vt.Ftp;

/// <summary>What follows a command's name: options, then words.</summary>
sealed class FtpArguments
{
    readonly Dictionary<char, string> _values = [];

    FtpArguments(IReadOnlyList<FtpWord> words) => Words = words;

    /// <summary>The words that are no options.</summary>
    public IReadOnlyList<FtpWord> Words { get; }

    /// <summary>Whether an option is given.</summary>
    public bool Has(char letter) => _values.ContainsKey(letter);

    /// <summary>An option's value; null where it is not given.</summary>
    public string? ValueOf(char letter) => _values.GetValueOrDefault(letter);

    /// <summary>A word as text.</summary>
    public string TextAt(int place) => LosslessText.FromBytes(Words[place].Bytes);

    /// <summary>Reads what follows a command.</summary>
    /// <exception cref="FtpUsageException">An option is not known, or there are too many words or too few.</exception>
    public static FtpArguments Read(FtpCommand command, IReadOnlyList<FtpWord> words)
    {
        var at = 1;
        var values = new List<(char Letter, string Value)>();
        for (; at < words.Count && LosslessText.FromBytes(words[at].Bytes) is ['-', _, ..] option; at++)
        {
            if (option == "--")
            {
                at++;
                break;
            }

            for (var i = 1; i < option.Length; i++)
            {
                var known = option[i] == ':' ? -1 : command.Letters.IndexOf(option[i], StringComparison.Ordinal);
                if (known < 0)
                    throw Usage(command, $"has no option -{option[i]}");
                if (known + 1 == command.Letters.Length || command.Letters[known + 1] != ':')
                {
                    values.Add((option[i], ""));
                    continue;
                }

                if (i + 1 == option.Length && at + 1 == words.Count)
                    throw Usage(command, $"-{option[i]} needs a value");
                values.Add((option[i], i + 1 < option.Length ? option[(i + 1)..] : LosslessText.FromBytes(words[++at].Bytes)));
                break;
            }
        }

        var arguments = new FtpArguments([.. words.Skip(at)]);
        foreach (var (letter, value) in values)
            arguments._values[letter] = value;
        if (arguments.Words.Count < command.Least)
            throw Usage(command, "needs more words");
        return arguments.Words.Count <= command.Most ? arguments : throw Usage(command, "takes fewer words");
    }

    static FtpUsageException Usage(FtpCommand command, string what) => new($"{command.Name}: {what}; it is: {command.Name} {command.Synopsis}".TrimEnd());
}
