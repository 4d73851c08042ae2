using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Stores.Config;

namespace Vt.Commands;

/// <summary>The commands that look after caches.</summary>
static class CacheVerbs
{
    /// <summary>Makes <c>vt cache</c> with all below it.</summary>
    public static Command Create()
    {
        var group = new VerbGroup("cache", "Look after the folders that cache a store, and what waits in them to be sent");
        group.Subcommands.Add(new CacheStatusVerb());
        group.Subcommands.Add(new CacheFlushVerb());
        group.Subcommands.Add(new CacheClearVerb());
        return group;
    }

    /// <summary>The argument that names a cache.</summary>
    public static Argument<string?> Spec() => new("SPEC")
    {
        Description = "The cache, or a store that has one in it, as a store spec; by default what the settings, -S and -C name",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>The caches that an argument names, those in front first.</summary>
    /// <exception cref="UserErrorException">There is none.</exception>
    public static IReadOnlyList<CacheSettings> Find(CommandContext context, Argument<string?> spec)
    {
        var text = context.Get(spec);
        var caches = StoreFactory.CachesOf(text is null ? context.StoreSettings : context.Configuration.Resolve(text, ConfigOrigin.OfOption("SPEC"))).ToArray();
        return caches.Length > 0
            ? caches
            : throw new UserErrorException($"{text ?? context.Configuration.Store.Value} has no cache of type {CacheSettings.Type}; name one, or say -C");
    }
}
