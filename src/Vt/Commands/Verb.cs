using System.CommandLine;

namespace Vt.Commands;

/// <summary>One command: its options, its help and what it does. Options are properties of each leaf.</summary>
/// <param name="name">The word that calls it.</param>
/// <param name="summary">One line for the list of commands.</param>
abstract class Verb(string name, string summary) : Command(name, summary)
{
    /// <summary>What a reader of the help needs to know beyond the summary, in paragraphs; empty where nothing.</summary>
    public virtual string Details => "";

    /// <summary>Examples: a command line and what it does.</summary>
    public abstract IReadOnlyList<(string Line, string Meaning)> Examples { get; }

    /// <summary>Does it.</summary>
    /// <returns>One of <see cref="Settings.ExitCode"/>.</returns>
    public abstract Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken);
}
