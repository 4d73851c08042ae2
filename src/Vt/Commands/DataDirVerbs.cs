using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Stores.Config;

namespace Vt.Commands;

/// <summary>The commands that look after a DataDir.</summary>
static class DataDirVerbs
{
    /// <summary>Makes <c>vt datadir</c> with all below it.</summary>
    public static Command Create()
    {
        var group = new VerbGroup("datadir", "Look after the folder that blocks are stored in");
        group.Subcommands.Add(new DataDirInfoVerb());
        group.Subcommands.Add(new DataDirVerifyVerb());
        group.Subcommands.Add(new DataDirReindexVerb());
        return group;
    }

    /// <summary>The folder of the store that the settings name.</summary>
    /// <exception cref="UserErrorException">That store is no DataDir.</exception>
    public static string PathOf(CommandContext context) =>
        context.Configuration.Resolve(context.Configuration.Store) is DataDirSettings dataDir
            ? dataDir.Path
            : throw new UserErrorException($"{context.Configuration.Store.Value} is no datadir; say -S /path of one");
}
