using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vt.Blocks.Contracts;
using Vt.Hosts.HttpServer;
using Vt.Posix;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Serves a store over HTTP.</summary>
sealed class HttpdVerb : Verb
{
    const int MostConnections = 100_000;
    const int ShortestToken = 16;
    const int LongestToken = 4096;
    const uint OthersReadOrWrite = 6;

    // Where systemd puts the first socket that it hands over (sd_listen_fds(3)).
    const ulong FirstDescriptor = 3;

    readonly Option<string> _tokenFile = new("--token-file") { Description = "Ask everybody for the token that is the first line of this file", HelpName = "FILE" };
    readonly Option<bool> _public = new("--public") { Description = "Serve other machines without a token" };
    readonly Option<bool> _writable = new("--writable") { Description = "Let stores on the other side add blocks and move references" };
    readonly Option<string> _certificate = new("--tls-cert") { Description = "Encrypt, with this certificate and those that lead to it, as PEM", HelpName = "FILE" };
    readonly Option<string> _key = new("--tls-key") { Description = "The certificate's key, as PEM; else it is in the certificate's file", HelpName = "FILE" };
    readonly Option<int> _connections = new("--max-connections") { Description = "The most connections at once; idle ones make room for others", HelpName = "N", DefaultValueFactory = static _ => 1000 };
    readonly Option<string> _title = new("--title") { Description = "What the front page is called", HelpName = "TEXT", DefaultValueFactory = static _ => "What is stored here" };
    readonly Argument<string> _address = new("ADDRESS") { Description = "HOST:PORT, :PORT for all addresses, or unix:PATH", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public HttpdVerb()
        : base("httpd", "Serve the store over HTTP, to people and to other stores")
    {
        foreach (var option in (Option[])[_tokenFile, _public, _writable, _certificate, _key, _connections, _title])
            Options.Add(option);
        Arguments.Add(_address);
    }

    /// <inheritdoc/>
    public override string Details =>
        $"""
        Without an address it is 127.0.0.1:{HttpAddress.UsualPort}. A browser shows volumes with their branches and history, archives with their states, and folders as pages; files come with
        their type, ranges and lasting validity. Folders are also to be had as JSON (?format=json), as text (?format=text) and as a tar archive (?archive=tar). vt-http(7) lists every
        address.

        The address is also a store: vt -S http://HOST:PORT/ reads from it, and with --writable writes to it. Each block is checked against its name at the other end.

        Other machines are served with a token (--token-file), which programs show as "Authorization: Bearer TOKEN" and people as the password of any user, or with --public, where anybody
        may read. --writable for other machines always takes a token. Without --tls-cert the token goes over the wire as it is.

        /metrics has figures for Prometheus, and /healthz answers anybody. On SIGTERM it takes no more requests and finishes those under way. A socket that systemd hands over is served
        in place of the address.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt httpd", "Show the store to browsers on this machine."),
        ("vt httpd :8080 --token-file /etc/vt/token --tls-cert /etc/vt/cert.pem", "Serve other machines, encrypted and for who has the token."),
        ("vt httpd unix:/run/vt.sock --writable", "Be a store for other users of this machine, or behind a proxy."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var options = OptionsOf(context);
        if (options.IsWritable)
            StoreMaker.Ensure(context);
        await using var store = await context.OpenStoreAsync(isReadOnly: !options.IsWritable, cancellationToken);
        await using (var server = await VtHttpServer.StartAsync(store, options, cancellationToken))
        {
            ServiceNotice.SayReady(context.Surroundings.Environment);
            if (!context.IsQuiet)
                context.Messages.Say($"serves {context.Configuration.Store.Value} at {(options.Address.Socket is null || options.ListeningDescriptor is not null ? string.Join(", ", server.Urls) : options.Address)}");
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                ServiceNotice.SayStopping(context.Surroundings.Environment);
            }
        }

        if (options.IsWritable)
            await store.FlushAsync(CancellationToken.None);
        return ExitCode.Ok;
    }

    HttpServerOptions OptionsOf(CommandContext context)
    {
        var descriptor = FindDescriptor(context);
        var address = HttpAddress.Parse(context.Get(_address) ?? $"127.0.0.1:{HttpAddress.UsualPort}", context.PathFromHere);
        var token = context.Get(_tokenFile) is { } file ? ReadToken(context.PathFromHere(file)) : null;
        var isLocal = address.IsLocal && descriptor is null;
        if (!isLocal && token is null && !context.Get(_public))
            throw new UserErrorException($"{address}: other machines get there: say --token-file FILE, or --public for everybody to read");
        if (!isLocal && token is null && context.Get(_writable))
            throw new UserErrorException($"{address}: other machines get there, and may not write without a token: say --token-file FILE");
        if (context.Get(_connections) is < 1 or > MostConnections)
            throw new UserErrorException($"--max-connections: from 1 to {MostConnections} are possible");
        var (certificate, intermediates) = LoadCertificate(context);
        return new HttpServerOptions
        {
            Address = address,
            ListeningDescriptor = descriptor,
            Token = token,
            IsWritable = context.Get(_writable),
            TakesAnyHost = !isLocal || context.Get(_public),
            Certificate = certificate,
            Intermediates = intermediates,
            MostConnections = context.Get(_connections),
            Title = context.Get(_title)!,
            Clock = context.Surroundings.Clock,
            Log = context.Messages.Say,
        };
    }

    static ulong? FindDescriptor(CommandContext context) =>
        context.Surroundings.Environment("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
        && int.TryParse(context.Surroundings.Environment("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? FirstDescriptor
            : null;

    // One that can be guessed, or a file that all may read, protects nothing.
    static string ReadToken(string file)
    {
        try
        {
            if (PosixFile.TryStat(file, out var status) == Errno.OK && (status.Permissions & OthersReadOrWrite) != 0)
                throw new UserErrorException($"{file}: anybody on this machine may read the token: chmod o-rw it");
            using var reader = new StreamReader(file);
            var token = reader.ReadLine()?.Trim() ?? "";
            return token.Length is >= ShortestToken and <= LongestToken && token.All(static c => c is > ' ' and <= '~')
                ? token
                : throw new UserErrorException($"{file}: the first line is no token: {ShortestToken} to {LongestToken} printable characters without blanks; openssl rand -hex 32 makes one");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{file}: the token can't be read: {FileFault.TextOf(fault)}", fault);
        }
    }

    (X509Certificate2? Certificate, X509Certificate2Collection Intermediates) LoadCertificate(CommandContext context)
    {
        if (context.Get(_certificate) is not { } certificate)
            return context.Get(_key) is null ? (null, []) : throw new UserErrorException("--tls-key is of use only with --tls-cert");
        var file = context.PathFromHere(certificate);
        try
        {
            var own = X509Certificate2.CreateFromPemFile(file, context.Get(_key) is { } key ? context.PathFromHere(key) : null);
            var all = new X509Certificate2Collection();
            all.ImportFromPemFile(file);
            return (own, [.. all.Where(other => other.Thumbprint != own.Thumbprint)]);
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{file}: the certificate can't be used: {fault.Message}", fault);
        }
    }
}
