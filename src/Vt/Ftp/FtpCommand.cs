namespace Vt.Ftp;

/// <summary>A command of a session.</summary>
/// <param name="Name">The word that calls it.</param>
/// <param name="Synopsis">What follows the word.</param>
/// <param name="Summary">What it does, in a line.</param>
/// <param name="Letters">The letters that it takes as options; those with a colon behind them take a value.</param>
/// <param name="Least">How many words it needs besides.</param>
/// <param name="Most">How many it takes at most.</param>
/// <param name="Arguments">What the words are; the last kind is that of all further ones.</param>
/// <param name="RunAsync">Does it.</param>
sealed record FtpCommand(
    string Name,
    string Synopsis,
    string Summary,
    string Letters,
    int Least,
    int Most,
    IReadOnlyList<FtpArgument> Arguments,
    Func<FtpSession, FtpArguments, CancellationToken, Task> RunAsync)
{
    /// <summary>Other words that call it.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>What the word at a place is.</summary>
    public FtpArgument ArgumentAt(int place) => Arguments.Count == 0 ? FtpArgument.Text : Arguments[Math.Min(place, Arguments.Count - 1)];
}
