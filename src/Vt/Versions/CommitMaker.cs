using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Commands;
using Vt.Posix;
using Vt.Trees.Dirents;
using Vt.Volumes.Commits;

namespace Vt.Versions;

/// <summary>What a command says of the commit that it makes.</summary>
sealed record CommitMaker
{
    /// <summary>Who makes it.</summary>
    public required Signature Committer { get; init; }

    /// <summary>Who made the change.</summary>
    public required Signature Author { get; init; }

    /// <summary>The message, as it was said.</summary>
    public required string Message { get; init; }

    /// <summary>The labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Where it comes from, besides host and user.</summary>
    public IReadOnlyDictionary<string, string> Provenance { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether a commit is made though nothing has changed.</summary>
    public bool AllowsEmpty { get; init; }

    /// <summary>The commit that was merged into the tree; null where none was.</summary>
    public BlockHash? Merged { get; init; }

    /// <summary>Reads labels.</summary>
    /// <param name="texts">Each <c>WORD=TEXT</c>.</param>
    /// <exception cref="UserErrorException">One is not, or a word comes twice.</exception>
    public static Dictionary<string, string> ParseLabels(IEnumerable<string>? texts)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts ?? [])
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || equals == text.Length - 1 || !Commit.IsWord(text[..equals]) || !labels.TryAdd(text[..equals], text[(equals + 1)..]))
                throw new UserErrorException($"--label: '{text}' is no label; write WORD=TEXT, and each word once");
        }

        return labels;
    }

    /// <summary>Makes the commit.</summary>
    /// <param name="context">The command.</param>
    /// <param name="commits">The commits of the store.</param>
    /// <param name="root">The tree.</param>
    /// <param name="tip">The commit before it; null where there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null where nothing has changed and that is not allowed.</returns>
    public async ValueTask<Commit?> MakeAsync(CommandContext context, CommitStore commits, Dirent root, BlockHash? tip, CancellationToken cancellationToken)
    {
        if (!AllowsEmpty && Merged is null && tip is { } parent && (await commits.ReadAsync(parent, cancellationToken)).Root.Equals(root))
            return null;
        return Make(context, root, [.. tip is { } before ? [before] : Array.Empty<BlockHash>(), .. Merged is { } second ? [second] : Array.Empty<BlockHash>()]);
    }

    /// <summary>Makes a commit of a tree and its parents.</summary>
    /// <exception cref="UserErrorException">The message is too long.</exception>
    public Commit Make(CommandContext context, Dirent root, IReadOnlyList<BlockHash> parents)
    {
        try
        {
            return new Commit
            {
                Root = root,
                Parents = parents,
                Author = Author,
                Committer = Committer,
                Message = Trimmed(Message),
                Labels = Labels,
                Provenance = ProvenanceOf(context),
            };
        }
        catch (FormatInvalidException fault)
        {
            throw new UserErrorException(fault.What, fault);
        }
    }

    // Without blank lines at its ends and white space at the lines'.
    static byte[] Trimmed(string message) =>
        LosslessText.ToBytes(string.Join('\n', message.ReplaceLineEndings("\n").Split('\n').Select(static line => line.TrimEnd())).Trim('\n'));

    Dictionary<string, string> ProvenanceOf(CommandContext context)
    {
        var provenance = new Dictionary<string, string>(Provenance, StringComparer.Ordinal) { ["host"] = HostName.Read() };
        if (context.Surroundings.Environment("SUDO_USER") is { Length: > 0 } person)
            provenance["user"] = person;
        else if (context.Surroundings.Environment("USER") is { Length: > 0 } user)
            provenance["user"] = user;
        return provenance;
    }
}
