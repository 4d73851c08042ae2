using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Output;
using Vt.References;
using Vt.Settings;
using Vt.Stores.Config;
using Vt.Stores.PackFile;
using Vt.Trees.Archives;
using Vt.Volumes.Retention;

namespace Vt.Commands;

/// <summary>What a command works with: its options, the effective settings, where results and messages go.</summary>
/// <param name="result">The parsed command line.</param>
/// <param name="options">The options that every command takes.</param>
/// <param name="surroundings">The process around it.</param>
/// <param name="messages">Where messages go.</param>
sealed class CommandContext(ParseResult result, GlobalOptions options, Surroundings surroundings, MessageWriter messages) : IDisposable
{
    Configuration? _configuration;
    WriteBoundary? _boundary;
    bool _isDamageSaid;

    /// <summary>The process around the command.</summary>
    public Surroundings Surroundings => surroundings;

    /// <summary>Where results go.</summary>
    public ResultWriter Output { get; } = new(surroundings.Output);

    /// <summary>Where messages go.</summary>
    public MessageWriter Messages => messages;

    /// <summary>Whether progress is unwanted.</summary>
    public bool IsQuiet => result.GetValue(options.Quiet);

    /// <summary>What the options say to the configuration.</summary>
    public ConfigInputs ConfigInputs => options.InputsOf(result, surroundings);

    /// <summary>The effective settings, read at the first use.</summary>
    public Configuration Configuration => _configuration ??= Configuration.Load(ConfigInputs);

    /// <summary>The crash tests' hook that everything this command changes on disk crosses.</summary>
    public WriteBoundary Boundary => _boundary ??= WriteBoundary.Parse(surroundings.Environment(WriteBoundary.Variable));

    /// <summary>The archive at a path of the command line.</summary>
    public ArchiveFile ArchiveAt(string path) => new(PathFromHere(path), surroundings.Clock, Boundary);

    /// <summary>The value of an option.</summary>
    public T? Get<T>(Option<T> option) => result.GetValue(option);

    /// <summary>The value of an argument.</summary>
    public T Get<T>(Argument<T> argument) => result.GetValue(argument)!;

    /// <summary>The duration that an option gives; null where it is not given.</summary>
    /// <exception cref="UserErrorException">Its value is none.</exception>
    public TimeSpan? GetDuration(Option<string> option)
    {
        try
        {
            return Get(option) is { } text ? Durations.Parse(text) : null;
        }
        catch (UserErrorException fault)
        {
            throw new UserErrorException($"{option.Name}: {fault.Message}", fault);
        }
    }

    /// <summary>The values of several options in the order in which they were given, each with the name that it was given by.</summary>
    public IEnumerable<(string Option, string Value)> InOrder(params Option<string[]>[] options)
    {
        for (var i = 0; i + 1 < result.Tokens.Count; i++)
        {
            var (name, value) = (result.Tokens[i], result.Tokens[i + 1]);
            if (name.Type == System.CommandLine.Parsing.TokenType.Option && value.Type == System.CommandLine.Parsing.TokenType.Argument
                && Array.Exists(options, option => option.Name == name.Value || option.Aliases.Contains(name.Value)))
                yield return (name.Value, value.Value);
        }
    }

    /// <summary>How many words follow a <c>--</c>; 0 where there is none.</summary>
    public int WordsBehindDashes
    {
        get
        {
            for (var i = 0; i < result.Tokens.Count; i++)
            {
                if (result.Tokens[i].Type == System.CommandLine.Parsing.TokenType.DoubleDash)
                    return result.Tokens.Count - i - 1;
            }

            return 0;
        }
    }

    /// <summary>The command line's words, with one more right behind the command's name.</summary>
    public IEnumerable<string> ArgumentsWith(Verb verb, string added)
    {
        foreach (var token in result.Tokens)
        {
            yield return token.Value;
            if (token.Type == System.CommandLine.Parsing.TokenType.Command && token.Value == verb.Name)
                yield return added;
        }
    }

    /// <summary>A path as the command line means it: relative ones start in the current folder.</summary>
    public string PathFromHere(string path) => Path.Combine(surroundings.CurrentDirectory, path);

    /// <summary>Reads a reference to a tree or something in it; archives are found from the current folder.</summary>
    /// <exception cref="UserErrorException">The text is none.</exception>
    public RootReference ParseReference(string text) => RootReference.Parse(text is [_, '{', ..] or [] ? text : PathFromHere(text));

    /// <summary>The store that the settings name, with the cache in front of it where they name one.</summary>
    public StoreSettings StoreSettings
    {
        get
        {
            var store = Configuration.Resolve(Configuration.Store);
            return Configuration.CacheStore.Value == Configuration.NoCache
                ? store
                : StoreFactory.WithCache(store, Configuration.Resolve(Configuration.CacheStore));
        }
    }

    /// <summary>
    /// Opens the store that the settings name; to be read, with the stores behind it that URIs among the words name. Of a store file that is not whole a line says so.
    /// </summary>
    /// <param name="isReadOnly">Whether nothing will be added.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IBlockStore> OpenStoreAsync(bool isReadOnly, CancellationToken cancellationToken)
    {
        var settings = isReadOnly ? UriStores.Behind(StoreSettings, result.Tokens.Select(static token => token.Value), Configuration) : StoreSettings;
        var store = await surroundings.OpenStore(settings, new StoreOpenOptions { IsReadOnly = isReadOnly, Boundary = Boundary, OnNotice = messages.Say }, cancellationToken);
        if (store is PackFileStore file && !_isDamageSaid)
            SayDamage(file);
        return store;
    }

    /// <summary>Says on standard error what is wrong with a store file, where something is.</summary>
    public void SayDamage(PackFileStore file)
    {
        _isDamageSaid = true;
        if (file.Damage is { } damage)
            messages.Say($"{file.Description} is not whole: {damage}");
    }

    /// <summary>Opens a store that a command names itself.</summary>
    /// <param name="settings">Which.</param>
    /// <param name="isReadOnly">Whether nothing will be added.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<IBlockStore> OpenStoreAsync(StoreSettings settings, bool isReadOnly, CancellationToken cancellationToken) =>
        surroundings.OpenStore(settings, new StoreOpenOptions { IsReadOnly = isReadOnly, Boundary = Boundary, OnNotice = messages.Say }, cancellationToken);

    /// <summary>The bytes of a path given as an argument.</summary>
    public byte[] GetPath(Argument<string> argument) => LosslessText.ToBytes(result.GetRequiredValue(argument));

    /// <inheritdoc/>
    public void Dispose() => Output.Dispose();
}
