using System.CommandLine;

namespace Vt.Commands;

/// <summary>The commands that tell about remotes.</summary>
static class RemoteVerbs
{
    /// <summary>Makes <c>vt remote</c> with all below it.</summary>
    public static Command Create()
    {
        var group = new VerbGroup("remote", "Tell about the stores that this one can be brought into step with");
        group.Subcommands.Add(new RemoteListVerb());
        group.Subcommands.Add(new RemoteShowVerb());
        return group;
    }
}
