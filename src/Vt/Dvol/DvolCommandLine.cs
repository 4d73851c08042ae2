using Vt.Blocks.Contracts;

namespace Vt.Dvol;

/// <summary>A command line of dvol, taken apart. Options may stand anywhere; -- ends them.</summary>
sealed record DvolCommandLine
{
    /// <summary>The command; null where none was said.</summary>
    public string? Command { get; private init; }

    /// <summary>The words after it that are no options.</summary>
    public IReadOnlyList<string> Arguments { get; private init; } = [];

    /// <summary>The options that were said, by their long names, with their values; of those without a value an empty text.</summary>
    public IReadOnlyDictionary<string, string> Options { get; private init; } = new Dictionary<string, string>();

    static readonly DvolOption[] All =
    [
        new("path", "p", true, null),
        new("pool", null, true, null),
        new("disable-docker-integration", null, false, null),
        new("help", "h", false, null),
        new("version", null, false, null),
        new("volume", null, true, ["init", "list", "switch", "commit", "log", "reset", "branch", "checkout", "rm"]),
        new("branch", null, true, ["init", "commit", "log", "reset", "checkout"]),
        new("message", "m", true, ["commit"]),
        new("hard", null, false, ["reset"]),
        new("no-commit", null, false, ["init"]),
        new("stop", null, false, ["commit", "reset", "checkout"]),
        new("pause", null, false, ["commit", "reset", "checkout"]),
        new("live", null, false, ["commit", "reset", "checkout"]),
        new("delete", "d", false, ["branch"]),
        new("make", "b", false, ["checkout"]),
        new("force", "f", false, ["rm", "branch"]),
        new("list", "l", false, ["config"]),
    ];

    /// <summary>Takes a command line apart.</summary>
    /// <exception cref="UserErrorException">An option isn't known, isn't the command's, or lacks its value.</exception>
    public static DvolCommandLine Parse(IReadOnlyList<string> words)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        var rest = new List<string>();
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word == "--")
            {
                rest.AddRange(words.Skip(i + 1));
                break;
            }

            if (word is not ['-', _, ..])
            {
                rest.Add(word);
                continue;
            }

            var (option, value) = Find(word);
            if (option.HasValue && value is null)
                value = ++i < words.Count ? words[i] : throw new UserErrorException($"flag needs an argument: {word}");
            if (!option.HasValue && value is not null)
                throw new UserErrorException($"flag takes no argument: {word}");
            options[option.Name == "pool" ? "path" : option.Name] = value ?? "";
        }

        var line = new DvolCommandLine { Command = rest.Count == 0 ? null : rest[0] == "ls" ? "list" : rest[0], Arguments = rest.Count == 0 ? [] : rest[1..], Options = options };
        foreach (var name in options.Keys)
        {
            if (line.Command is { } command && Array.Find(All, option => option.Name == name)!.Commands is { } commands && !commands.Contains(command))
                throw new UserErrorException($"unknown flag: --{name} is none of dvol {command}'s");
        }

        return line;
    }

    /// <summary>Whether an option was said.</summary>
    public bool Has(string option) => Options.ContainsKey(option);

    /// <summary>The value of an option; null where it was not said.</summary>
    public string? Get(string option) => Options.GetValueOrDefault(option);

    static (DvolOption Option, string? Value) Find(string word)
    {
        if (word.StartsWith("--", StringComparison.Ordinal))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? word[2..] : word[2..equals];
            return (Array.Find(All, option => option.Name == name) ?? throw new UserErrorException($"unknown flag: {word}"), equals < 0 ? null : word[(equals + 1)..]);
        }

        var found = Array.Find(All, option => option.Letter == word[1..2]) ?? throw new UserErrorException($"unknown shorthand flag: {word}");
        return (found, word.Length > 2 ? word[2..].TrimStart('=') : null);
    }
}
