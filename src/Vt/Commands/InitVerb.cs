using System.Text;
using Vt.Blocks.Contracts;
using Vt.Settings;
using Vt.Stores.Config;

namespace Vt.Commands;

/// <summary>Makes what the configuration speaks of: its file, the base folder, the store.</summary>
sealed class InitVerb : Verb
{
    /// <summary>What a new configuration file holds: the built-in settings, spelled out.</summary>
    public const string NewFile =
        """
        # Settings of vt: see vtrc(5), and "vt config" for what is in effect.

        [GLOBAL]
        # basedir = ~/.local/share/vt
        # store = [default]
        # hashname = blake3

        [default]
        type = datadir
        path = trove

        """;

    /// <summary>Makes the command.</summary>
    public InitVerb()
        : base("init", "Make the configuration file, the folder and the store that the settings name")
    {
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        Only what is missing is made; a file or store that is there stays as it is. Nothing is written but the configuration file,
        the base folder and the store. Of a store that is made of several, every datadir among them is made.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt init", "Make ~/.vtrc and a store in ~/.local/share/vt/trove."),
        ("vt -c ./x.vtrc -S ./store init", "Make both in the current folder."),
        ("vt -S s3://bucket/trove init", "Make a store below trove in an S3 bucket that is there."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var configuration = Configuration.Load(context.ConfigInputs, mustExist: false);
        var settings = configuration.Resolve(configuration.Store);
        if (configuration.CacheStore.Value != Configuration.NoCache)
            settings = StoreFactory.WithCache(settings, configuration.Resolve(configuration.CacheStore));
        if (!configuration.FileExists)
            MakeFile(configuration.File);
        context.Output.WriteLine($"{(configuration.FileExists ? "found" : "made")} {configuration.File}");
        foreach (var dataDir in StoreFactory.DataDirsOf(settings))
            MakeFolder(Path.GetDirectoryName(dataDir.Path.TrimEnd('/'))!);
        foreach (var (dataDir, isMade) in StoreFactory.MakeDataDirs(settings, configuration.Hash))
            context.Output.WriteLine($"{(isMade ? "made" : "found")} {dataDir.Path}");
        foreach (var s3 in StoreFactory.BucketsOf(settings).Distinct())
            context.Output.WriteLine($"{(await StoreFactory.MakeS3Async(s3, configuration.Hash, cancellationToken) ? "made" : "found")} {s3.Url}");
        return ExitCode.Ok;
    }

    static void MakeFile(string path)
    {
        MakeFolder(Path.GetDirectoryName(path)!);
        try
        {
            using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            stream.Write(Encoding.UTF8.GetBytes(NewFile));
            stream.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path}: the configuration can't be written: {e.Message}", e);
        }
    }

    static void MakeFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path}: the folder can't be made: {e.Message}", e);
        }
    }
}
