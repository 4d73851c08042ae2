using System.CommandLine;
using Vt.Blocks.Contracts;

namespace Vt.Commands;

/// <summary>What push and pull bring, and from or to where: their arguments, and the options that mean everything.</summary>
sealed class SyncScope
{
    readonly Option<bool> _all;
    readonly Option<bool> _allBlocks = new("--all-blocks") { Description = "Every block of the store, whether anything leads to it or not, and then as --all" };
    readonly Argument<string?> _remote;
    readonly Argument<string[]> _what = new("WHAT") { Description = "What; by default the current volume", Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Makes them.</summary>
    /// <param name="source">The store that has what is brought, as the help calls it.</param>
    /// <param name="direction">How the remote is asked for.</param>
    public SyncScope(string source, string direction)
    {
        _all = new("-a", "--all") { Description = $"Every volume and every archive that {source} knows" };
        _remote = new("REMOTE") { Description = $"{direction}: a clause or a store spec, - for the usual one", Arity = ArgumentArity.ZeroOrOne };
    }

    /// <summary>Puts them on a command.</summary>
    public void AddTo(Verb verb)
    {
        verb.Options.Add(_all);
        verb.Options.Add(_allBlocks);
        verb.Arguments.Add(_remote);
        verb.Arguments.Add(_what);
    }

    /// <summary>The remote, as it was typed; null for the usual one.</summary>
    public string? RemoteOf(CommandContext context) => context.Get(_remote);

    /// <summary>What is to be brought.</summary>
    /// <returns>How much, and what by name where that is not everything.</returns>
    /// <exception cref="UserErrorException">Everything and something besides.</exception>
    public (SyncExtent Extent, string[] What) Read(CommandContext context)
    {
        var extent = context.Get(_allBlocks) ? SyncExtent.AllBlocks : context.Get(_all) ? SyncExtent.All : SyncExtent.Named;
        var what = context.Get(_what);
        return extent == SyncExtent.Named || what.Length == 0
            ? (extent, what)
            : throw new UserErrorException($"{(extent == SyncExtent.All ? _all : _allBlocks).Name} is everything: name nothing besides");
    }
}
