using System.CommandLine;
using Vt.Output;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Prints completion scripts.</summary>
sealed class CompletionVerb : Verb
{
    readonly Argument<string> _shell = new("SHELL") { Description = "bash, zsh or fish" };

    /// <summary>Makes the command.</summary>
    public CompletionVerb()
        : base("completion", "Print a script that makes a shell complete vt's commands and options")
    {
        _shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        Arguments.Add(_shell);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("eval \"$(vt completion bash)\"", "Complete in this bash."),
        ("vt completion zsh > ~/.zfunc/_vt", "Install for zsh, where ~/.zfunc is in fpath."),
        ("vt completion fish > ~/.config/fish/completions/vt.fish", "Install for fish."),
    ];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var program = CommandTable.BuildAll(new GlobalOptions());
        switch (context.Get(_shell))
        {
            case "bash":
                new BashCompletion(context.Output).Print(program);
                break;
            case "zsh":
                new ZshCompletion(context.Output).Print(program);
                break;
            default:
                new FishCompletion(context.Output).Print(program);
                break;
        }

        return Task.FromResult(ExitCode.Ok);
    }
}
