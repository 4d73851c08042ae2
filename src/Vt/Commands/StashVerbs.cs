using System.CommandLine;

namespace Vt.Commands;

/// <summary>The commands that put what is not committed aside, and bring it back.</summary>
static class StashVerbs
{
    /// <summary>Makes <c>vt stash</c> with all below it.</summary>
    public static Command Create()
    {
        var group = new VerbGroup("stash", "Put what is not committed aside, and bring it back later");
        group.Subcommands.Add(new StashPushVerb());
        group.Subcommands.Add(new StashListVerb());
        group.Subcommands.Add(new StashShowVerb());
        group.Subcommands.Add(new StashPopVerb());
        group.Subcommands.Add(new StashApplyVerb());
        group.Subcommands.Add(new StashDropVerb());
        return group;
    }
}
