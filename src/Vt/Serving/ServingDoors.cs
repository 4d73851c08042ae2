using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vt.Blocks.Contracts;
using Vt.Hosts.Listening;
using Vt.Hosts.StreamServer;
using Vt.Stores.Config;
using Vt.Stores.Streams;
using Vt.Stores.Streams.Transport;

namespace Vt.Serving;

/// <summary>Opens the ways into a server that the command line names, and closes them again.</summary>
/// <param name="server">The server.</param>
/// <param name="keyFile">The file of the server's key, which is made where it is needed.</param>
/// <param name="secretFile">The file of the secret, which is made where it is needed; null where only known keys may come in.</param>
/// <param name="clients">The file of known keys, absolute; null for none.</param>
/// <param name="say">Gets a line for each way in.</param>
sealed class ServingDoors(StoreServer server, string keyFile, string? secretFile, string? clients, Action<string> say) : IDisposable
{
    const int Backlog = 4096;
    const int SecretLength = 32;

    readonly List<IDisposable> _open = [];
    X509Certificate2? _key;

    /// <summary>Listens at a unix socket.</summary>
    /// <exception cref="UserErrorException">It can't.</exception>
    public void OpenSocket(string path, uint mode)
    {
        var listener = UnixListener.Bind(path, mode);
        _open.Add(listener);
        server.Open(listener.Socket, new UnixDoorway(path));
        say($"serves at {path}");
    }

    /// <summary>Listens at a TCP port.</summary>
    /// <param name="address">As a store spec has it; without a host at all of this machine's addresses, with port 0 at any that is free.</param>
    /// <exception cref="UserErrorException">It can't.</exception>
    public void OpenTcp(string address)
    {
        var (host, port, export) = TcpSettings.Split(new ConfigSetting("address", address, ConfigOrigin.OfOption("ADDRESS")));
        if (export.Length > 0)
            throw new UserErrorException($"{address}: an address to serve at ends with its port");
        foreach (var ip in AddressesOf(host, address))
        {
            Socket? socket = null;
            try
            {
                socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, optionValue: true);
                if (ip.Equals(IPAddress.IPv6Any))
                    socket.DualMode = true;
                socket.Bind(new IPEndPoint(ip, port));
                socket.Listen(Backlog);
                Open(socket);
            }
            catch (SocketException fault)
            {
                socket?.Dispose();
                throw new UserErrorException($"{address}: the port can't be had: {fault.Message}", fault);
            }
        }
    }

    /// <summary>Takes over a socket that somebody else listens to.</summary>
    public void Open(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
        {
            var path = socket.LocalEndPoint?.ToString() ?? "a socket";
            server.Open(socket, new UnixDoorway(path));
            say($"serves at {path}");
            return;
        }

        if (socket.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
            throw new UserErrorException("LISTEN_FDS names what is no socket that clients could come to");
        var name = socket.LocalEndPoint is IPEndPoint end ? $"tcp:{(end.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{end.Address}]" : end.Address)}:{end.Port.ToString(CultureInfo.InvariantCulture)}" : "tcp";
        var key = Key;
        server.Open(socket, new TlsDoorway(name, key, ReadSecret(), new AuthorizedKeys(clients)));
        say($"serves at {name} with the key {KeyPin.Of(key)}{(secretFile is null ? "" : $" and the secret in {secretFile}")}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var door in _open)
            door.Dispose();
        _key?.Dispose();
    }

    X509Certificate2 Key => _key ??= LineKey.ReadOrMake(keyFile);

    ReadOnlyMemory<byte> ReadSecret()
    {
        if (secretFile is null)
            return default;
        if (!File.Exists(secretFile))
            PrivateFile.Make(secretFile, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretLength)) + "\n");
        return StreamOpener.ReadSecret(secretFile);
    }

    static IPAddress[] AddressesOf(string host, string address)
    {
        if (host.Length == 0)
            return [Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any];
        try
        {
            return IPAddress.TryParse(host, out var ip) ? [ip] : Dns.GetHostAddresses(host);
        }
        catch (SocketException fault)
        {
            throw new UserErrorException($"{address}: '{host}' has no address: {fault.Message}", fault);
        }
    }
}
