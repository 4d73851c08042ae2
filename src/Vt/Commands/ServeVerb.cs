using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Hosts.Listening;
using Vt.Hosts.StreamServer;
using Vt.Serving;
using Vt.Settings;
using Vt.Stores.Config;
using Vt.Stores.Streams.Protocol;
using Vt.Stores.Streams.Transport;

namespace Vt.Commands;

/// <summary>Serves stores to other processes and machines.</summary>
sealed class ServeVerb : Verb
{
    const string StandardSocket = "serve.sock";
    const string KeyFile = "serve-key.pem";
    const string Pipe = "-";
    const int MostGrace = 86_400;
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    readonly Argument<string[]> _addresses = new("ADDRESS") { Arity = ArgumentArity.ZeroOrMore, Description = $"Where: a path of a socket, tcp:[HOST]:PORT, or - for standard input and output; else {StandardSocket} below basedir" };
    readonly Option<string[]> _exports = new("-x", "--export") { Description = "Serve this store by this name; the first is for clients that name none. May be repeated; else the store of -S as \"default\"", HelpName = "NAME[:ACCESS]=SPEC" };
    readonly Option<bool> _readOnly = new("-r", "--read-only") { Description = "Clients may read" };
    readonly Option<bool> _appendOnly = new("-a", "--append-only") { Description = "Clients may read, add, and make and move references, but not end them" };
    readonly Option<string> _mode = new("--mode") { Description = "The permissions of sockets, octal", HelpName = "MODE", DefaultValueFactory = static _ => "600" };
    readonly Option<string> _secret = new("--secret-file") { Description = "The secret that clients at TCP ports have to know; made where it is not there; else \"secret\" below basedir", HelpName = "FILE" };
    readonly Option<string> _clients = new("--clients") { Description = "The clients that are known by their keys; without --secret-file nobody else may come in", HelpName = "FILE" };
    readonly Option<string> _key = new("--key-file") { Description = $"The server's key; made where it is not there; else {KeyFile} below basedir", HelpName = "FILE" };
    readonly Option<bool> _showKey = new("--show-key") { Description = "Print the key's pin, for server_key and --clients, and serve nothing" };
    readonly Option<int> _most = new("--max-connections") { Description = "How many clients are served at a time; who says nothing makes room for others", HelpName = "N", DefaultValueFactory = static _ => new StoreServerOptions().MostConnections };
    readonly Option<int> _grace = new("--grace") { Description = "How many seconds requests may take to be answered once the server is to end", HelpName = "SECONDS", DefaultValueFactory = static _ => 30 };
    readonly Option<string> _join = new("--join") { Hidden = true };
    readonly Option<string> _channels = new("--channels") { Hidden = true };

    /// <summary>Makes the command.</summary>
    public ServeVerb()
        : base("serve", "Serve stores to other processes and machines")
    {
        Arguments.Add(_addresses);
        foreach (var option in (Option[])[_exports, _readOnly, _appendOnly, _mode, _secret, _clients, _key, _showKey, _most, _grace, _join, _channels])
            Options.Add(option);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        Clients name the server in a store spec, see vtrc(5): the path of a socket, tcp:HOST:PORT, or ssh://HOST/PATH, which starts vt serve - there by itself.

        A socket is guarded by its permissions. A TCP port is encrypted always (TLS), and nobody comes in who does not know the secret, or whose key --clients does not
        name; nor does a client send anything to a server that does not know the secret, or has another key than the client's server_key. The secret's file is copied to
        the client by hand. A line of --clients is a key as --show-key prints it (the client's key_file), then perhaps read-only or append-only, then export=NAME, as
        often as wanted.

        A store that is not there is refused at once; one that can't be reached is told of, and tried again when a client comes.

        On SIGTERM and SIGINT nobody is let in any more, what was begun is answered, and what was added is durable when the server has ended. Clients wait, and go on where
        a server is there again. The units vt-serve.socket and vt-serve.service start it with systemd, at the first client.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt serve", "Serve the store at a socket below basedir: -S [serve], with type = socket."),
        ("vt serve /run/vt.sock tcp::8420", "Serve at a socket and, encrypted, at all of this machine's addresses."),
        ("vt serve --append-only --export backup=/srv/backup --export photos:read-only=[photos] tcp::8420", "Serve two stores, which clients name as tcp://HOST:8420/backup."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var keyFile = context.Get(_key) is { } said ? context.PathFromHere(said) : Path.Combine(context.Configuration.BaseDirectory.Value, KeyFile);
        if (context.Get(_showKey))
        {
            using var key = LineKey.ReadOrMake(keyFile);
            context.Output.WriteLine(KeyPin.Of(key).ToString());
            return ExitCode.Ok;
        }

        if (context.Get(_readOnly) && context.Get(_appendOnly))
            throw new UserErrorException("--read-only and --append-only: only one of them can hold");
        var addresses = context.Get(_addresses);
        if (addresses.Contains(Pipe) && addresses.Length > 1)
            throw new UserErrorException("-: who is served over standard input and output is served alone");
        return addresses is [Pipe] ? await ServePipeAsync(context, cancellationToken) : await ServeAsync(context, addresses, keyFile, cancellationToken);
    }

    async Task<int> ServeAsync(CommandContext context, string[] addresses, string keyFile, CancellationToken cancellationToken)
    {
        var mode = ReadMode(context.Get(_mode)!);
        var activated = ActivatedSockets.Take(context.Surroundings.Environment, Environment.ProcessId);
        if (addresses.Length == 0 && activated.Count == 0)
            addresses = [Path.Combine(context.Configuration.BaseDirectory.Value, StandardSocket)];
        addresses = Array.ConvertAll(addresses, address => IsTcp(address) ? address : PathOf(context, address));
        var exports = ReadExports(context);
        await using var server = MakeServer(context, exports);
        await OpenAsync(context, exports, cancellationToken);
        using var doors = new ServingDoors(server, keyFile, SecretFile(context), context.Get(_clients) is { } clients ? context.PathFromHere(clients) : null, Say(context));
        foreach (var socket in activated)
            doors.Open(socket);
        foreach (var address in addresses)
        {
            if (IsTcp(address))
                doors.OpenTcp(address);
            else
                doors.OpenSocket(address, mode);
        }

        ServiceNotice.SayReady(context.Surroundings.Environment);
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ServiceNotice.SayStopping(context.Surroundings.Environment);
        await server.StopAsync(TimeSpan.FromSeconds(context.Get(_grace)));
        return ExitCode.Ok;
    }

    async Task<int> ServePipeAsync(CommandContext context, CancellationToken cancellationToken)
    {
        UnixListener? others = null;
        if (context.Get(_join) is { } session)
        {
            if (!JoinedSession.IsName(session))
                throw new UserErrorException($"--join: '{session}' is no session");
            others = await JoinedSession.JoinAsync(
                Path.Combine(context.Configuration.BaseDirectory.Value, "joined", session), context.Surroundings.Clock, cancellationToken);
            if (others is null)
                return ExitCode.Ok;
        }

        // The server goes before what it listens to: a socket that is closed under it looks like a fault.
        using var joining = others;
        using var channels = context.Get(_channels) is { } path ? ChannelSocket.TryBind(path) : null;
        var key = new SessionKey();
        await using var server = MakeServer(context, ReadExports(context));
        if (others is not null)
            server.Open(others.Socket, new JoinedDoorway());
        if (channels is not null)
            server.Open(channels.Socket, new ChannelDoorway(key));
        using var stop = cancellationToken.Register(() => _ = server.StopAsync(TimeSpan.FromSeconds(context.Get(_grace))));
        await server.ServeAsync(DescriptorLine.OfThisProcess(), ClientRights.All, key);
        await server.WhenNobodyIsThereAsync(cancellationToken);
        return ExitCode.Ok;
    }

    // What is not there is told now, and not to clients alone. What is out of reach may come, and each client has it tried again.
    static async Task OpenAsync(CommandContext context, IEnumerable<StoreExport> exports, CancellationToken cancellationToken)
    {
        foreach (var export in exports)
        {
            try
            {
                await export.OpenAsync(cancellationToken).WaitAsync(_patience, context.Surroundings.Clock, cancellationToken);
            }
            catch (Exception fault) when (fault is StoreUnavailableException or TimeoutException)
            {
                var why = fault is TimeoutException ? "it has not answered yet" : fault.Message;
                context.Messages.Say($"{export.Name} can't be served now: {why}; it is tried again for each client");
            }
        }
    }

    StoreServer MakeServer(CommandContext context, IReadOnlyList<StoreExport> exports)
    {
        if (context.Get(_most) < 1)
            throw new UserErrorException("--max-connections: at least one client has to be served");
        if (context.Get(_grace) is < 0 or > MostGrace)
            throw new UserErrorException($"--grace: from 0 to {MostGrace} seconds are possible");
        return new StoreServer(exports, new StoreServerOptions { MostConnections = context.Get(_most), Log = context.Messages.Say, Time = context.Surroundings.Clock });
    }

    List<StoreExport> ReadExports(CommandContext context)
    {
        var access = context.Get(_readOnly) ? ExportAccess.ReadOnly : context.Get(_appendOnly) ? ExportAccess.AppendOnly : ExportAccess.ReadWrite;
        var exports = new List<StoreExport>();
        foreach (var text in context.Get(_exports) ?? [])
        {
            var argument = ExportArgument.Parse(text, access, context.Configuration);
            if (exports.Exists(export => export.Name == argument.Name))
                throw new UserErrorException($"--export: two stores are called {argument.Name}");
            exports.Add(new StoreExport(argument.Name, argument.Access, cancellationToken => OpenAsync(context, argument, cancellationToken)));
        }

        if (exports.Count == 0)
            exports.Add(new StoreExport("default", access, cancellationToken => context.OpenStoreAsync(access == ExportAccess.ReadOnly, cancellationToken)));
        return exports;
    }

    static Task<IBlockStore> OpenAsync(CommandContext context, ExportArgument export, CancellationToken cancellationToken) =>
        context.Surroundings.OpenStore(export.Store, new StoreOpenOptions { IsReadOnly = export.Access == ExportAccess.ReadOnly, Boundary = context.Boundary, OnNotice = context.Messages.Say }, cancellationToken);

    static Action<string> Say(CommandContext context) => context.IsQuiet ? static _ => { } : context.Messages.Say;

    // Who names clients by their keys has not asked for a secret.
    string? SecretFile(CommandContext context) => context.Get(_secret) is { } said ? context.PathFromHere(said)
        : context.Get(_clients) is not null ? null
        : Path.Combine(context.Configuration.BaseDirectory.Value, TcpSettings.StandardSecret);

    static bool IsTcp(string address) => address.StartsWith("tcp:", StringComparison.Ordinal);

    static string PathOf(CommandContext context, string address) => address.StartsWith("unix:", StringComparison.Ordinal)
        ? context.PathFromHere(address["unix:".Length..])
        : address.Contains('/', StringComparison.Ordinal) || address.EndsWith(SocketSettings.Suffix, StringComparison.Ordinal)
            ? context.PathFromHere(address)
            : throw new UserErrorException($"{address}: is neither a path of a socket nor tcp:[HOST]:PORT");

    static uint ReadMode(string text)
    {
        try
        {
            if (text.Length is > 0 and <= 4 && Convert.ToUInt32(text, 8) is var mode and <= 0x1ff)
                return mode;
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw new UserErrorException($"--mode: '{text}' are no permissions; write them as 600 or 0660");
    }
}
