using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Output;
using Vt.Versions;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;
using Vt.Volumes.Revisions;

namespace Vt.Dvol;

/// <summary>The commands of dvol that work on branches and commits.</summary>
static class DvolVersions
{
    /// <summary>dvol commit.</summary>
    public static async Task CommitAsync(DvolSession session, CancellationToken cancellationToken)
    {
        if (session.Line.Get("message") is not { Length: > 0 } message)
            throw new UserErrorException("You must provide a commit message");
        var (volume, branch) = await FindAsync(session, Last(session, 0), cancellationToken);
        await session.KnowAuthorAsync(cancellationToken);
        var printed = await session.RunAsync(
            ["commit", "--allow-empty", "--allow-empty-message", $"--message={message}", $"--volume={volume}", $"--branch={branch}", .. Handling(session, "--live")], cancellationToken);
        session.Output.WriteLine(printed.AsSpan(0, DvolTexts.IdDigits));
    }

    /// <summary>dvol log.</summary>
    public static async Task LogAsync(DvolSession session, CancellationToken cancellationToken)
    {
        await using var volumes = await session.OpenVolumesAsync(cancellationToken);
        var volume = await session.FindAsync(volumes, Last(session, 0), cancellationToken);
        var branch = await BranchOfAsync(session, volumes, volume, cancellationToken);
        if (await volume.ReadTipAsync(branch, cancellationToken) is not { } tip)
            return;
        await foreach (var (id, commit) in new CommitWalk(volume.Commits).WalkAsync([tip], cancellationToken))
        {
            // The volume began with it, but nobody has made it.
            if (commit.Parents.Count == 0 && commit.Labels.GetValueOrDefault(VolumeMaker.FirstLabel) == VolumeMaker.FirstText)
                continue;
            session.Output.WriteLine($"commit {DvolTexts.IdOf(id)}");
            session.Output.WriteLine($"Author: {TerminalText.Visible(commit.Author.Person)}");
            session.Output.WriteLine($"Date: {DirentText.DateOf(commit.Author.Date)}");
            session.Output.WriteLine();
            foreach (var line in Encoding.UTF8.GetString(commit.Message.Span).Split('\n'))
                session.Output.WriteLine($"    {TerminalText.Visible(line)}".TrimEnd());
            session.Output.WriteLine();
        }
    }

    /// <summary>dvol reset.</summary>
    public static async Task ResetAsync(DvolSession session, CancellationToken cancellationToken)
    {
        if (session.Line.Arguments.Count == 0)
            throw new UserErrorException("Please specify a commit.");
        if (!session.Line.Has("hard"))
            throw new UserErrorException("Please specify --hard to confirm you intend to lose data: what is not committed, and later commits");
        var text = session.Line.Arguments[0];
        var digits = text.TrimEnd('^');
        if (digits != Revision.Head && (digits.Length is < RevisionResolver.ShortestPrefix or > 64 || !digits.All(char.IsAsciiHexDigit)))
            throw new UserErrorException($"Malformed commit identifier {text}");
        string volume, branch, target;
        await using (var volumes = await session.OpenVolumesAsync(cancellationToken))
        {
            var found = await session.FindAsync(volumes, Last(session, 1), cancellationToken);
            branch = await BranchOfAsync(session, volumes, found, cancellationToken);
            volume = found.Name;
            target = CommitText.IdOf(await ResolveAsync(found, branch, digits, text.Length - digits.Length, cancellationToken));
        }

        await session.RunAsync(["reset", "--hard", $"--volume={volume}", $"--branch={branch}", .. Handling(session, "--stop"), target], cancellationToken);
    }

    /// <summary>dvol branch.</summary>
    public static async Task BranchAsync(DvolSession session, CancellationToken cancellationToken)
    {
        if (session.Line.Has("delete"))
        {
            await DeleteAsync(session, cancellationToken);
            return;
        }

        if (session.Line.Has("force"))
            throw new UserErrorException("unknown flag: --force goes with -d");
        await using var volumes = await session.OpenVolumesAsync(cancellationToken);
        var volume = await session.FindAsync(volumes, Last(session, 0), cancellationToken);
        var head = await volumes.HeadOfAsync(volume, cancellationToken);
        await foreach (var branch in volume.ListBranchesAsync(cancellationToken))
            session.Output.WriteLine($"{(branch == head ? "*" : " ")} {branch}");
    }

    /// <summary>dvol checkout.</summary>
    public static async Task CheckOutAsync(DvolSession session, CancellationToken cancellationToken)
    {
        if (session.Line.Arguments is not [var branch, ..])
            throw new UserErrorException("Please specify a branch name.");
        string volume;
        string[] start = [];
        await using (var volumes = await session.OpenVolumesAsync(cancellationToken))
        {
            var found = await session.FindAsync(volumes, Last(session, 1), cancellationToken);
            volume = found.Name;
            var isThere = await found.HasBranchAsync(branch, cancellationToken);
            if (!session.Line.Has("make"))
            {
                if (session.Line.Has("branch"))
                    throw new UserErrorException("unknown flag: --branch goes with checkout -b, and says where the new branch begins");
                if (!isThere)
                    throw new UserErrorException($"Cannot switch to a non-existing branch {branch}");
            }
            else
            {
                if (isThere)
                    throw new UserErrorException($"Cannot create existing branch {branch}");
                if (await found.ReadTipAsync(await BranchOfAsync(session, volumes, found, cancellationToken), cancellationToken) is not { } tip)
                    throw new UserErrorException("No commits made on this variant yet");
                start = [CommitText.IdOf(tip)];
            }
        }

        await session.RunAsync(["checkout", $"--volume={volume}", .. session.Line.Has("make") ? (string[])["-b"] : [], .. Handling(session, "--stop"), "--", branch, .. start], cancellationToken);
    }

    static async Task DeleteAsync(DvolSession session, CancellationToken cancellationToken)
    {
        if (session.Line.Arguments is not [var branch, ..])
            throw new UserErrorException("Please specify a branch name.");
        string volume;
        await using (var volumes = await session.OpenVolumesAsync(cancellationToken))
        {
            var found = await session.FindAsync(volumes, Last(session, 1), cancellationToken);
            volume = found.Name;
            if (!await found.HasBranchAsync(branch, cancellationToken))
                throw new UserErrorException($"Branch '{branch}' does not exist");
            if (branch == await volumes.HeadOfAsync(found, cancellationToken))
                throw new UserErrorException($"Cannot delete current branch {branch}, use 'dvol checkout' to switch branches first");
        }

        if (!session.Line.Has("force") && !session.Confirm("Are you sure? (y/n): "))
        {
            session.Output.WriteLine("Aborting.");
            return;
        }

        session.Output.WriteLine($"Deleting branch '{branch}'");
        session.Output.Flush();
        await session.RunAsync(["branch", $"--volume={volume}", "--force", "-d", branch], cancellationToken);
    }

    static async Task<(string Volume, string Branch)> FindAsync(DvolSession session, string? name, CancellationToken cancellationToken)
    {
        await using var volumes = await session.OpenVolumesAsync(cancellationToken);
        var volume = await session.FindAsync(volumes, name, cancellationToken);
        return (volume.Name, await BranchOfAsync(session, volumes, volume, cancellationToken));
    }

    static async Task<string> BranchOfAsync(DvolSession session, OpenVolumes volumes, Volume volume, CancellationToken cancellationToken)
    {
        if (session.Line.Get("branch") is not { } said)
            return await volumes.HeadOfAsync(volume, cancellationToken);
        return await volume.HasBranchAsync(said, cancellationToken) ? said : throw new UserErrorException($"Branch '{said}' does not exist");
    }

    static async Task<BlockHash> ResolveAsync(Volume volume, string branch, string digits, int back, CancellationToken cancellationToken)
    {
        var at = digits == Revision.Head
            ? await volume.ReadTipAsync(branch, cancellationToken) ?? throw new UserErrorException(DvolTexts.NoCommit)
            : await FindByDigitsAsync(volume, digits.ToLowerInvariant(), cancellationToken);
        for (; back > 0; back--)
            at = (await volume.Commits.ReadAsync(at, cancellationToken)).Parents is [var parent, ..] ? parent : throw new UserErrorException(DvolTexts.NoCommit);
        return at;
    }

    static async Task<BlockHash> FindByDigitsAsync(Volume volume, string digits, CancellationToken cancellationToken)
    {
        var found = new List<BlockHash>();
        await foreach (var (id, _) in new CommitWalk(volume.Commits).WalkAsync(await volume.ListStartsAsync(cancellationToken), cancellationToken))
        {
            if (CommitText.IdOf(id).StartsWith(digits, StringComparison.Ordinal))
                found.Add(id);
        }

        return found switch
        {
            [var one] => one,
            [] => throw new UserErrorException(DvolTexts.NoCommit),
            _ => throw new UserErrorException($"Commit identifier {digits} is the beginning of {found.Count}: {string.Join(", ", found.Select(DvolTexts.IdOf))}"),
        };
    }

    // The volume's name may stand behind what a command takes itself.
    static string? Last(DvolSession session, int own)
    {
        var arguments = session.Line.Arguments;
        return arguments.Count <= own + 1 ? arguments.ElementAtOrDefault(own) : throw new UserErrorException(DvolTexts.WrongNumber);
    }

    static string[] Handling(DvolSession session, string usual)
    {
        var said = ((string[])["stop", "pause", "live"]).Where(session.Line.Has).Select(static name => $"--{name}").ToList();
        if (said.Count > 1)
            throw new UserErrorException($"{string.Join(" and ", said)}: say one of them");
        var handling = said.FirstOrDefault() ?? usual;
        return handling == "--live" ? [] : [handling];
    }
}
