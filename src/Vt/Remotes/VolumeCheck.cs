using Vt.Blocks.BlockTree;
using Vt.Blocks.Hashing;
using Vt.Trees.Check;
using Vt.Trees.Dirents;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;

namespace Vt.Remotes;

/// <summary>Looks at the remote, after a push, whether all is there: what was moved, the commits and their roots, some of the blocks that were sent or all.</summary>
/// <param name="session">The two sides.</param>
sealed class VolumeCheck(RemoteSession session)
{
    readonly Dictionary<RefName, BlockHash> _expected = [];

    /// <summary>Notes what is to be there.</summary>
    public void Expect(RefName name, BlockHash commit) => _expected[name] = commit;

    /// <summary>Looks.</summary>
    public async Task RunAsync(Volume there, CancellationToken cancellationToken)
    {
        if (_expected.Count == 0)
            return;
        var found = await RefName.ReadAllAsync(there, _expected.Keys, cancellationToken);
        foreach (var (name, commit) in _expected)
        {
            // Somebody may have moved it on since; that it ever stood there is in its log.
            if ((!found.TryGetValue(name, out var now) || now != commit) && !await IsLoggedAsync(there, name, commit, cancellationToken))
                session.Report.AddFault($"{name.In(there)} was moved to {commit.ToShortString()} and is not there in {session.Place.Text}: {now?.ToShortString() ?? "nothing"} is");
        }

        var roots = new List<CheckedTree>();
        var commits = new CommitStore(session.There);
        foreach (var commit in _expected.Values.Distinct())
            roots.Add(new CheckedTree(commit.ToShortString(), (await commits.ReadAsync(commit, cancellationToken)).Root));
        await CheckAsync(session, roots, cancellationToken);
    }

    /// <summary>Looks at trees and at a sample of what was sent; with --verify every block is read.</summary>
    public static async Task CheckAsync(RemoteSession session, IReadOnlyList<CheckedTree> trees, CancellationToken cancellationToken)
    {
        if (session.Options.IsVerified)
        {
            await new TreeChecker(session.There, readData: true, fault => session.Report.AddFault($"{session.Place.Text}: {fault}")).CheckAsync(trees, cancellationToken);
            return;
        }

        var asked = trees.SelectMany(static tree => BlocksOf(tree.Root)).Concat(session.Transfer.Counters.Sample).Distinct().ToArray();
        var present = new bool[asked.Length];
        await session.There.ContainsManyAsync(asked, present, cancellationToken);
        for (var i = 0; i < asked.Length; i++)
        {
            if (!present[i])
                session.Report.AddFault($"{session.Place.Text} has acknowledged block {asked[i]} and has it not");
        }
    }

    static async ValueTask<bool> IsLoggedAsync(Volume there, RefName name, BlockHash commit, CancellationToken cancellationToken)
    {
        var log = name.IsTag ? there.ReadTagMovementsAsync(name.Name, cancellationToken) : there.ReadMovementsAsync(name.Name, cancellationToken);
        await foreach (var movement in log)
        {
            if (movement.Commit == commit)
                return true;
        }

        return false;
    }

    static IEnumerable<BlockHash> BlocksOf(Dirent root) => ((BlockRef[])[root.Content, root.Inodes]).Where(static part => part.HasHash).Select(static part => part.Hash);
}
