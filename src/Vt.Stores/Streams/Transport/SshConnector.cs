using System.Security.Cryptography;
using Vt.Blocks.Contracts;
using Vt.Stores.Config;
using Vt.Stores.Streams.Protocol;

namespace Vt.Stores.Streams.Transport;

/// <summary>
/// Starts ssh, whose standard streams are a line, and makes further lines of channels that the same ssh forwards: each channel has a window of its own (RFC 4254, 5.2), which is what bounds a line that is
/// long, and costs neither a process nor a greeting of ssh.
/// </summary>
/// <param name="settings">Which machine, and what runs there.</param>
/// <param name="further">Options of ssh besides.</param>
/// <param name="mayForward">Whether ssh can forward sockets.</param>
sealed class SshConnector(SshSettings settings, IReadOnlyList<string> further, bool mayForward) : ILineConnector
{
    // What is asked for once that never came may have met a server that was not ready.
    const int MostRefusals = 3;
    const int LongestPath = 100;
    const string SocketName = "channels";

    readonly string _session = Guid.NewGuid().ToString("N");
    readonly byte[] _key = RandomNumberGenerator.GetBytes(Hello.NonceLength);

    // Guards all below.
    readonly Lock _gate = new();
    readonly List<Connection> _connections = [];
    int _refusals;
    bool _hasChannels;
    string _lastWords = "";

    /// <inheritdoc/>
    public string Description { get; } = $"ssh://{settings.Host}{(settings.Store is ['/', ..] or "" ? "" : "/")}{settings.Store}";

    /// <summary>Makes lines of channels; null where there are to be none.</summary>
    public ILineConnector? Channels => mayForward && settings.FurtherChannels > 0 ? new ChannelConnector(this) : null;

    /// <inheritdoc/>
    public async ValueTask<StreamLine> ConnectAsync(CancellationToken cancellationToken)
    {
        var here = Channels is not null && TryMakeFolder() is { } folder ? Path.Combine(folder, SocketName) : null;
        try
        {
            // A path of its own for each, as a server that was lost may still be at its. Not below the user's own folder: where that is is not known before the server runs.
            (string, string)? channels = here is null ? null : (here, $"/tmp/vt-{Guid.NewGuid():N}/{SocketName}");
            var command = new CommandConnector(settings.Ssh, settings.ArgumentsFor(_session, further, channels), Description);
            var line = await command.ConnectAsync(cancellationToken);
            if (here is null)
                return line;
            var connection = new Connection(here);
            lock (_gate)
                _connections.Add(connection);
            return new ProcessLine(line, this, connection);
        }
        catch
        {
            Delete(here);
            throw;
        }
    }

    // Of this user alone, and short: a socket's path has 108 bytes (unix(7)). ssh tells two paths apart at a colon, and finds words of its own behind a dollar or a percent sign (ssh_config(5)).
    static string? TryMakeFolder()
    {
        try
        {
            var folder = Directory.CreateTempSubdirectory("vt-ssh-").FullName;
            if (folder.Length <= LongestPath - SocketName.Length - 1 && folder.IndexOfAny([':', '%', '$']) < 0)
                return folder;
            Directory.Delete(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Without a place there are no channels.
        }

        return null;
    }

    /// <summary>Ends what hangs on a connection: its server is not the one that the next connection finds.</summary>
    async ValueTask EndAsync(Connection connection)
    {
        List<StreamLine> lines;
        lock (_gate)
        {
            _connections.Remove(connection);
            lines = [.. connection.Lines];
        }

        foreach (var line in lines)
            await line.DisposeAsync();
    }

    static void Delete(string? socket)
    {
        if (socket is null)
            return;
        try
        {
            File.Delete(socket);
            Directory.Delete(Path.GetDirectoryName(socket)!);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Nobody comes there any more.
        }
    }

    Connection Choose()
    {
        lock (_gate)
        {
            if (_refusals >= MostRefusals && !_hasChannels)
                throw new StoreUnavailableException(Description, "ssh forwards no channels there");
            return _connections is [.., var newest]
                ? newest
                : throw new StoreUnavailableException(Description, _lastWords.Length > 0 ? _lastWords : "the connection has ended", isTransient: true);
        }
    }

    // Where one has ever come through, the next may, whatever happens now.
    void NoteChannel(bool isGood)
    {
        lock (_gate)
        {
            _hasChannels |= isGood;
            _refusals++;
        }
    }

    /// <summary>An ssh that runs, and what hangs on it.</summary>
    /// <param name="Socket">From which it forwards.</param>
    sealed record Connection(string Socket)
    {
        /// <summary>Guarded by the connector's lock.</summary>
        public HashSet<StreamLine> Lines { get; } = [];
    }

    // Over which the key is told.
    sealed class ProcessLine(StreamLine inner, SshConnector ssh, Connection connection) : StreamLine
    {
        public override Stream Input => inner.Input;

        public override Stream Output => inner.Output;

        public override bool WaitsWithoutBuffer => inner.WaitsWithoutBuffer;

        public override ReadOnlyMemory<byte> SessionKey => ssh._key;

        // Why no connection can be made is why there are no channels, too.
        public override async ValueTask<string> ReadLastWordsAsync()
        {
            var words = await inner.ReadLastWordsAsync();
            lock (ssh._gate)
                ssh._lastWords = words;
            return words;
        }

        public override async ValueTask DisposeAsync()
        {
            await ssh.EndAsync(connection);
            await inner.DisposeAsync();
            Delete(connection.Socket);
        }
    }

    // From here to ssh it is private, as its folder is; at the other end a path in a folder of all users is connected to.
    sealed class ChannelLine(StreamLine inner, SshConnector ssh, Connection connection) : StreamLine
    {
        bool _isWelcome;

        public override Stream Input => inner.Input;

        public override Stream Output => inner.Output;

        public override bool WaitsWithoutBuffer => inner.WaitsWithoutBuffer;

        public override ReadOnlyMemory<byte> SessionKey => ssh._key;

        public override bool ProvesSessionKey => true;

        public override void NoteWelcome()
        {
            _isWelcome = true;
            ssh.NoteChannel(isGood: true);
        }

        public override ValueTask DisposeAsync()
        {
            bool isFirst;
            lock (ssh._gate)
                isFirst = connection.Lines.Remove(this);
            if (isFirst && !_isWelcome)
                ssh.NoteChannel(isGood: false);
            return inner.DisposeAsync();
        }
    }

    sealed class ChannelConnector(SshConnector ssh) : ILineConnector
    {
        public string Description => ssh.Description;

        public async ValueTask<StreamLine> ConnectAsync(CancellationToken cancellationToken)
        {
            var connection = ssh.Choose();
            StreamLine line;
            try
            {
                line = await new UnixConnector(connection.Socket).ConnectAsync(cancellationToken);
            }
            catch (StoreUnavailableException)
            {
                ssh.NoteChannel(isGood: false);
                throw;
            }

            var channel = new ChannelLine(line, ssh, connection);
            lock (ssh._gate)
            {
                if (ssh._connections.Contains(connection))
                {
                    connection.Lines.Add(channel);
                    return channel;
                }
            }

            await line.DisposeAsync();
            throw new StoreUnavailableException(Description, "the connection has ended", isTransient: true);
        }
    }
}
