using System.CommandLine;
using Vt.Mounts;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Unmounts.</summary>
sealed class UmountVerb : Verb
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly Option<bool> _lazy = new("-l", "--lazy") { Description = "Take the mount away at once, though it is in use; the server ends with its last user" };
    readonly Argument<string[]> _places = new("MNT") { Description = "Where it is mounted", Arity = ArgumentArity.OneOrMore };

    /// <summary>Makes the command.</summary>
    public UmountVerb()
        : base("umount", "Unmount what vt mount has mounted, and wait until its server has ended")
    {
        Options.Add(_lazy);
        Arguments.Add(_places);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        umount and fusermount3 -u unmount as well, but return before the server has ended. A mount that is in use is left alone, and
        the exit status is 1.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt umount /mnt", "Unmount.")];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        foreach (var place in context.Get(_places))
            Unmounter.Unmount(context.PathFromHere(place), context.Get(_lazy), Patience, cancellationToken);
        return Task.FromResult(ExitCode.Ok);
    }
}
