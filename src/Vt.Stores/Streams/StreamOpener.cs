using System.Security.Cryptography.X509Certificates;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.Config;
using Vt.Stores.Streams.Client;
using Vt.Stores.Streams.Protocol;
using Vt.Stores.Streams.Transport;

namespace Vt.Stores.Streams;

/// <summary>Opens stores that other processes serve, from their settings.</summary>
public static class StreamOpener
{
    const string Shell = "/bin/sh";
    const long UnflushedPerLine = 8 << 20;
    const long UnflushedPerChannel = 4 << 20;

    /// <summary>Opens a store.</summary>
    /// <exception cref="UserErrorException">A file that the settings name can't be read.</exception>
    /// <exception cref="StoreUnavailableException">There is no server, or it does not let this client in.</exception>
    public static async Task<IBlockStore> OpenAsync(StreamSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        var options = new StreamClientOptions { Export = settings.Export, Time = time };
        var isDistant = settings is not SocketSettings;
        options = options with
        {
            Patience = settings.Patience ?? options.Patience,
            IsDistant = isDistant,
            Asks = AsksOf(settings, isDistant ? AskPolicy.WhereKnown : AskPolicy.Never),
        };
        switch (settings)
        {
            case SocketSettings socket:
                return await StreamStore.OpenAsync(new UnixConnector(socket.Path), options, cancellationToken);
            case TcpSettings tcp:
                options = WithLines(options, tcp.Connections) with { Secret = ReadSecret(tcp) };
                if (options.Secret.IsEmpty && tcp.ServerKey is null)
                {
                    throw new UserErrorException(
                        $"tcp:{tcp.Host}:{tcp.Port}: nothing would tell that server from another one; copy its secret to {tcp.SecretFile}, or set server_key to what \"vt serve --show-key\" prints there");
                }

                return await StreamStore.OpenAsync(new TlsConnector(tcp.Host, tcp.Port, tcp.ServerKey, ReadKey(tcp)), options, cancellationToken);
            case SshSettings ssh:
                var (arguments, mayForward) = await SshAdvice.AskAsync(ssh, cancellationToken);
                var connector = new SshConnector(ssh, arguments, mayForward);
                options = WithLines(options, ssh.Connections) with { Beside = connector.Channels, LinesBeside = ssh.FurtherChannels };
                return await StreamStore.OpenAsync(connector, options with { Unflushed = options.Unflushed + (connector.Channels is null ? 0 : ssh.FurtherChannels * UnflushedPerChannel) }, cancellationToken);
            case CommandSettings command:
                return await StreamStore.OpenAsync(
                    new CommandConnector(Shell, ["-c", command.Command], $"|{command.Command}"), options, cancellationToken);
            default:
                throw new ArgumentException($"{settings.TypeName} is no store that is served", nameof(settings));
        }
    }

    /// <summary>Reads a file that holds a secret: its text without blanks around it.</summary>
    /// <exception cref="UserErrorException">It can't be read, or is too short.</exception>
    public static ReadOnlyMemory<byte> ReadSecret(string file)
    {
        try
        {
            var secret = Encoding.UTF8.GetBytes(File.ReadAllText(file).Trim());
            return secret.Length >= SecretProof.ShortestSecret
                ? secret
                : throw new UserErrorException($"{file}: a secret has at least {SecretProof.ShortestSecret} bytes; \"vt serve\" makes one where the file is not there");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{file}: the secret can't be read: {FileFault.TextOf(fault)}", fault);
        }
    }

    // Several lines are for those that are fast and long, where a flush takes a while in which as much again is on its way.
    static StreamClientOptions WithLines(StreamClientOptions options, int lines) =>
        options with { Lines = lines, Unflushed = Math.Max(options.Unflushed, lines * UnflushedPerLine) };

    static AskPolicy AsksOf(StreamSettings settings, AskPolicy usual) => settings.AsksFirst switch
    {
        null => usual,
        true => AskPolicy.Always,
        false => AskPolicy.Never,
    };

    static ReadOnlyMemory<byte> ReadSecret(TcpSettings tcp) => tcp.SecretFile is { } file && (tcp.NeedsSecret || File.Exists(file)) ? ReadSecret(file) : default;

    static X509Certificate2? ReadKey(TcpSettings tcp) => tcp.KeyFile is { } file ? LineKey.ReadOrMake(file) : null;
}
