using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Commands;
using Vt.Docker;
using Vt.Output;
using Vt.Settings;
using Vt.Stores.Config;
using Vt.Versions;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;

namespace Vt.Dvol;

/// <summary>
/// What the commands of dvol work with: the volumes that vt's settings name, or with -p those in a folder of their own; and vt's own commands, which do the work.
/// </summary>
sealed class DvolSession : IDisposable
{
    const string ConfigName = "vtrc";

    readonly Surroundings _surroundings;
    readonly MessageWriter _messages;
    readonly string[] _before;
    readonly Dictionary<string, string?> _variables = new(StringComparer.Ordinal);

    /// <summary>Begins with a command line. The store is made where it is not there.</summary>
    /// <exception cref="UserErrorException">The folder of -p can't be made, or isn't one of dvol's.</exception>
    public DvolSession(DvolCommandLine line, Surroundings surroundings, MessageWriter messages)
    {
        Line = line;
        _surroundings = surroundings with { Environment = name => _variables.TryGetValue(name, out var value) ? value : surroundings.Environment(name) };
        _messages = messages;
        _before = [];
        if (line.Get("path") is { } path)
        {
            var folder = Path.GetFullPath(path, surroundings.CurrentDirectory);
            _before = ["-c", MakeConfig(folder)];

            // What the environment says of vt's own volumes means others.
            foreach (var variable in (string[])["VT_CONFIG", "VT_STORE", "VT_CACHE_STORE", "VT_HASHNAME", "XDG_DATA_HOME", OpenVolumes.Variable])
                _variables[variable] = null;
        }

        if (line.Has("disable-docker-integration"))
            _variables[VolumeContainers.Variable] = "off";
        Context = MakeContext(["volume", "list"]);
        Settings = new DvolSettings(Path.Combine(Context.Configuration.BaseDirectory.Value, DvolSettings.FileName));
        StoreMaker.Ensure(Context);
    }

    /// <summary>The command line.</summary>
    public DvolCommandLine Line { get; }

    /// <summary>vt's settings, where results go and the like.</summary>
    public CommandContext Context { get; }

    /// <summary>dvol's own settings.</summary>
    public DvolSettings Settings { get; }

    /// <summary>Where results go.</summary>
    public ResultWriter Output => Context.Output;

    /// <summary>Says something on standard error that is no result and no failure.</summary>
    public void Say(string text) => _messages.Line(TerminalText.Visible(text));

    /// <summary>Runs one of vt's commands.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="UserErrorException">It failed.</exception>
    public async Task<string> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        using var output = new MemoryStream();
        var code = await Program.RunVerbAsync([.. _before, "-q", .. arguments], _surroundings with { Output = output }, _messages, cancellationToken);
        return code == ExitCode.Ok ? Encoding.UTF8.GetString(output.ToArray()) : throw new UserErrorException($"vt {arguments[0]} ended with status {code}");
    }

    /// <summary>Lets commits be made: who nobody has named is whoever is logged in, and is told how to say more.</summary>
    public async Task KnowAuthorAsync(CancellationToken cancellationToken)
    {
        if (_surroundings.Environment("VT_AUTHOR") is { Length: > 0 })
            return;
        if (Settings.Read(DvolSettings.NameKey) is { Length: > 0 } name)
        {
            _variables["VT_AUTHOR"] = $"{name} <{Settings.Read(DvolSettings.EmailKey)}>";
            return;
        }

        if (await Authorship.TryCommitterAsync(Context, cancellationToken) is not null)
            return;
        var user = _surroundings.Environment("USER") is { Length: > 0 } said && Signature.CheckText(said, "name") is null ? said : Environment.UserName;
        _variables["VT_AUTHOR"] = $"{user} <{user}@{Environment.MachineName}>";
        Say($"commits are {user}'s: dvol config {DvolSettings.NameKey} NAME and dvol config {DvolSettings.EmailKey} ADDRESS say who you are");
    }

    /// <summary>The volume that a command means.</summary>
    /// <param name="volumes">The volumes.</param>
    /// <param name="name">What was said behind the command's own arguments; null for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">There is none.</exception>
    public async Task<Volume> FindAsync(OpenVolumes volumes, string? name, CancellationToken cancellationToken)
    {
        if (name is not null && Line.Has("volume"))
            throw new UserErrorException(DvolTexts.WrongNumber);
        name ??= Line.Get("volume") ?? _surroundings.Environment(OpenVolumes.Variable);
        if (!string.IsNullOrEmpty(name))
            return await FindNamedAsync(volumes, name, cancellationToken);
        if (volumes.Work.ReadCurrent(volumes.Store.Description) is not { } current)
            throw new UserErrorException("No active volume: use dvol switch to choose one");
        await foreach (var volume in volumes.Catalog.ListAsync(cancellationToken))
        {
            if (volume.Id == current)
                return volume;
        }

        throw new UserErrorException("Active volume does not exist: use dvol switch to choose another");
    }

    /// <summary>A volume by its name.</summary>
    /// <exception cref="UserErrorException">It is no name, or there is none.</exception>
    public static async Task<Volume> FindNamedAsync(OpenVolumes volumes, string name, CancellationToken cancellationToken)
    {
        DvolTexts.CheckName(name);
        return await volumes.Catalog.TryFindAsync(name, cancellationToken) ?? throw new UserErrorException($"Error: {name} does not exist");
    }

    /// <summary>Opens the volumes.</summary>
    public Task<OpenVolumes> OpenVolumesAsync(CancellationToken cancellationToken) => OpenVolumes.OpenAsync(Context, isReadOnly: true, cancellationToken);

    /// <summary>Asks a question that only y answers with yes.</summary>
    public bool Confirm(string question)
    {
        Output.Write(question);
        Output.Flush();
        using var input = new StreamReader(_surroundings.Input, leaveOpen: true);
        return input.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    /// <inheritdoc/>
    public void Dispose() => Context.Dispose();

    CommandContext MakeContext(string[] arguments)
    {
        var options = new GlobalOptions();
        string[] words = [.. _before, .. arguments];
        var result = CommandLineParser.Parse(CommandTable.BuildFor(words, options), words, new ParserConfiguration { ResponseFileTokenReplacer = null });
        return new CommandContext(result, options, _surroundings, _messages);
    }

    // A folder of dvol's is one that vt can be told of too: vt -c FOLDER/vtrc.
    static string MakeConfig(string folder)
    {
        var config = Path.Combine(folder, ConfigName);
        try
        {
            Directory.CreateDirectory(folder);
            if (!File.Exists(config))
            {
                using var file = new FileStream(config, FileMode.CreateNew, FileAccess.Write);
                file.Write(Encoding.UTF8.GetBytes(
                    $"""
                    # The volumes in this folder, made by dvol -p: see vtrc(5). If the folder is moved, this has to say where it is.

                    [GLOBAL]
                    basedir = {VtrcParser.Quote(folder)}

                    [default]
                    type = datadir
                    path = store

                    """));
                file.Flush(flushToDisk: true);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"Error: {folder} can't be made: {fault.Message}", fault);
        }

        return config;
    }
}
