using System.CommandLine;

namespace Vt.Commands;

/// <summary>The commands that look for a commit.</summary>
static class BisectVerbs
{
    /// <summary>Makes <c>vt bisect</c> with all below it.</summary>
    public static Command Create()
    {
        var group = new VerbGroup("bisect", "Find the commit with which data went bad");
        group.Subcommands.Add(new BisectRunVerb());
        return group;
    }
}
