using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Hosts.PlatonicHost;
using Vt.Stores.Config;
using Vt.Stores.Platonic;

namespace Vt.Commands;

/// <summary>The commands that look after platonic stores.</summary>
static class PlatonicVerbs
{
    /// <summary>Makes <c>vt platonic</c> with all below it.</summary>
    public static Command Create()
    {
        var group = new VerbGroup("platonic", "Look after folders of ordinary files that are indexed in place");
        group.Subcommands.Add(new PlatonicScanVerb());
        group.Subcommands.Add(new PlatonicWatchVerb());
        group.Subcommands.Add(new PlatonicStatusVerb());
        return group;
    }

    /// <summary>The settings of the store that a command is about.</summary>
    /// <exception cref="UserErrorException">The store is of another type.</exception>
    public static PlatonicSettings Find(CommandContext context) =>
        StoreFactory.PlatonicsOf(context.Configuration.Resolve(context.Configuration.Store)).FirstOrDefault()
        ?? throw new UserErrorException($"{context.Configuration.Store.Value} is no store of type {PlatonicSettings.Type}; name one by -S");

    /// <summary>Opens it, and makes what it needs where that is not there.</summary>
    public static async Task<PlatonicStore> OpenAsync(CommandContext context, PlatonicSettings settings, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(settings.Path))
            throw new UserErrorException($"{settings.Path}: there is no such folder");
        EnsureMeta(context, settings);

        // A home is fresh once; a folder that the settings name and that is away may be a disk that is not mounted.
        if (Path.GetDirectoryName(settings.Archive) is { } place && place == context.Configuration.BaseDirectory.Value.TrimEnd('/'))
            MakeFolder(place);
        return (PlatonicStore)await StoreFactory.OpenAsync(
            settings, new StoreOpenOptions { Boundary = context.Boundary, Clock = context.Surroundings.Clock, Hash = context.Configuration.Hash }, cancellationToken);
    }

    // Only where the settings name none: one that they name and that is away must not be taken for one that was never there.
    static void EnsureMeta(CommandContext context, PlatonicSettings settings)
    {
        if (settings.Meta is not DataDirSettings meta || meta.Path != new PlatonicLayout(settings.State).Meta)
            return;
        MakeFolder(settings.State);
        StoreFactory.MakeDataDir(meta, context.Configuration.Hash);
    }

    static void MakeFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path}: the folder can't be made: {fault.Message}", fault);
        }
    }

    /// <summary>How it is scanned.</summary>
    public static ScanOptions OptionsOf(CommandContext context, PlatonicSettings settings) => new()
    {
        Archive = settings.Archive,
        FollowSymlinks = settings.FollowSymlinks,
        SkippedDirectories = [.. StoreFactory.FoldersOf(settings)],
        Clock = context.Surroundings.Clock,
        Boundary = context.Boundary,
        OnIssue = issue => context.Messages.Say(issue.ToString()),
        OnNotice = context.Messages.Say,
    };
}
