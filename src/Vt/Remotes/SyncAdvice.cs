using System.Buffers;
using Vt.Blocks.Hashing;
using Vt.Output;
using Vt.Volumes.Branches;
using Vt.Volumes.Sync;

namespace Vt.Remotes;

/// <summary>What is said where histories have gone apart, and what may be done then.</summary>
static class SyncAdvice
{
    static readonly SearchValues<char> _shellSigns = SearchValues.Create(" |()\"'$&;<>*?");

    /// <summary>Why a branch is not pushed.</summary>
    public static string OfPush(RemotePlace place, Volume volume, string branch, (BlockHash Ours, BlockHash Theirs) tips, BranchRelation relation) =>
        $"{Apart(place, tips, relation)}: vt pull {Quoted(place)} {volume.Name}@{branch}, then {Merge(place, volume, branch)}, and push again; or vt push --force moves it there to what is here";

    /// <summary>Why a branch is not moved on by a pull.</summary>
    public static string OfPull(RemotePlace place, Volume volume, string branch, (BlockHash Ours, BlockHash Theirs) tips, BranchRelation relation) =>
        $"{Apart(place, tips, relation)}: {Merge(place, volume, branch)} brings both together; or vt pull --force {Quoted(place)} {volume.Name}@{branch} takes theirs, and ours stays in the log";

    /// <summary>Why a tag is not moved.</summary>
    public static string OfTag(BlockHash ours, BlockHash theirs, string verb) =>
        $"the tag stands for {ours.ToShortString()} here and for {theirs.ToShortString()} there: end one of them, or move it with vt {verb} --force";

    /// <summary>How what a forced push left behind is found again.</summary>
    public static string OfForcedPush(BlockHash theirs, string name) => $"{theirs.ToShortString()} stays in the log there, as {name}@{{1}}";

    /// <summary>How to merge what a remote's branch has.</summary>
    public static string Merge(RemotePlace place, Volume volume, string branch) => $"vt merge -V {volume.Name} -b {branch} {place.Label}/{branch}";

    /// <summary>A number of commits.</summary>
    public static string Commits(long count) => HumanText.Count(count, "commit");

    static string Apart(RemotePlace place, (BlockHash Ours, BlockHash Theirs) tips, BranchRelation relation) =>
        $"here is {tips.Ours.ToShortString()} with {Commits(relation.Ahead)} that {place.Text} has not, there is {tips.Theirs.ToShortString()} with {Commits(relation.Behind)} that are not here";

    static string Quoted(RemotePlace place) => !place.Text.AsSpan().ContainsAny(_shellSigns) ? place.Text : $"'{place.Text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
