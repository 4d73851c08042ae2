using System.Security.Cryptography;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Stores.Streams.Protocol;
using Vt.Stores.Streams.Transport;

namespace Vt.Stores.Streams.Client;

/// <summary>The first frames of a line, from the client's side.</summary>
/// <param name="connector">Makes the line.</param>
/// <param name="options">How the store is used.</param>
/// <param name="session">The opened store's own.</param>
sealed class Handshake(ILineConnector connector, StreamClientOptions options, Guid session)
{
    static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);

    /// <summary>Makes a line and gets in.</summary>
    /// <param name="time">The clock of the connection.</param>
    /// <param name="owner">Told what becomes of the connection.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreUnavailableException">It did not work; it says whether trying again may help.</exception>
    public async Task<StreamConnection> ConnectAsync(TimeProvider time, IConnectionOwner owner, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(_limit);
        StreamLine? line = null;
        try
        {
            line = await connector.ConnectAsync(limited.Token);
            var reader = new FrameReader(line.Input, line.WaitsWithoutBuffer);
            var welcome = await GetInAsync(line, reader, limited.Token);
            line.NoteWelcome();
            var sender = new FrameSender(line.Output, StreamLimits.SilenceLimit);
            return new StreamConnection(line, reader, sender, welcome, time, owner);
        }
        catch (Exception fault)
        {
            var words = fault is FormatInvalidException or IOException && line is not null ? await line.ReadLastWordsAsync() : "";
            if (line is not null)
                await line.DisposeAsync();
            throw fault switch
            {
                OperationCanceledException when !cancellationToken.IsCancellationRequested =>
                    new StoreUnavailableException(connector.Description, $"no answer within {_limit.TotalSeconds:0} seconds", isTransient: true, fault),
                FormatInvalidException or IOException =>
                    new StoreUnavailableException(connector.Description, words.Length > 0 ? words : fault.Message, isTransient: fault is IOException && words.Length == 0, fault),
                _ => fault,
            };
        }
    }

    async Task<Welcome> GetInAsync(StreamLine line, FrameReader reader, CancellationToken cancellationToken)
    {
        // A key that is told is the nonce, of which there is no other use on such a line.
        var secret = line.ProvesSessionKey ? line.SessionKey : options.Secret;
        var nonce = line.SessionKey.IsEmpty || line.ProvesSessionKey ? RandomNumberGenerator.GetBytes(Hello.NonceLength) : line.SessionKey.ToArray();
        var hello = new Hello(
            StreamLimits.OldestVersion, StreamLimits.NewestVersion, session, options.Export, $"{Environment.MachineName} process {Environment.ProcessId}", nonce);
        using var meta = new ByteWriter();
        hello.Write(meta);
        await SendAsync(line, Frame.Make(StreamVerb.Hello, FrameFlags.None, 0, meta.Written), cancellationToken);
        using var first = await ReceiveAsync(reader, cancellationToken);
        if (first.Verb != StreamVerb.Challenge)
            return secret.IsEmpty ? ReadWelcome(first) : throw Refusal("the server did not ask for the secret, so it may be another one");
        if (secret.IsEmpty)
            throw Refusal("the server wants a secret; name the file that has it: secret_file");
        var challenge = first.Meta.ToArray();
        var proof = SecretProof.OfClient(secret.Span, nonce, challenge, line.Channel.Span);
        await SendAsync(line, Frame.Make(StreamVerb.Proof, FrameFlags.None, 0, proof), cancellationToken);
        using var second = await ReceiveAsync(reader, cancellationToken);
        var welcome = ReadWelcome(second);
        return SecretProof.IsEqual(welcome.Proof.Span, SecretProof.OfServer(secret.Span, nonce, challenge, line.Channel.Span))
            ? welcome
            : throw Refusal("the server does not know the secret");
    }

    Welcome ReadWelcome(Frame frame)
    {
        if (frame.Verb != StreamVerb.Welcome)
            throw new FormatInvalidException($"verb {(int)frame.Verb} where a welcome should be");
        var welcome = Welcome.Read(frame.Meta);
        return welcome.Version is >= StreamLimits.OldestVersion and <= StreamLimits.NewestVersion
            ? welcome
            : throw Refusal($"the server speaks version {welcome.Version} of the protocol");
    }

    async Task<Frame> ReceiveAsync(FrameReader reader, CancellationToken cancellationToken)
    {
        var frame = await reader.ReadAsync(StreamLimits.LargestGreeting, null, cancellationToken) ?? throw new IOException("the server closed the connection");
        if ((frame.Flags & FrameFlags.Fault) == 0)
            return frame;
        using (frame)
            throw StreamFault.Read(frame.Meta).ToException(connector.Description);
    }

    static async Task SendAsync(StreamLine line, Frame frame, CancellationToken cancellationToken)
    {
        using (frame)
        {
            await line.Output.WriteAsync(frame.Bytes, cancellationToken);
            await line.Output.FlushAsync(cancellationToken);
        }
    }

    StoreUnavailableException Refusal(string what) => new(connector.Description, what);
}
