namespace Vt.Stores.Config;

/// <summary>A store that a program serves on its standard input and output.</summary>
/// <param name="Command">What the shell is to run.</param>
public sealed record CommandSettings(string Command) : StreamSettings
{
    /// <summary>The word for this type.</summary>
    public const string Type = "command";

    internal const string CommandKey = "command";

    /// <inheritdoc/>
    public override string TypeName => Type;

    /// <inheritdoc/>
    public override string Name => $"|{Command}";

    internal static CommandSettings Read(ClauseReader clause) => new CommandSettings(clause.Need(CommandKey).Value).With<CommandSettings>(clause);
}
