using System.Security.Cryptography;
using Vt.Blocks.Encoding;
using Vt.Stores.Streams.Protocol;
using Vt.Stores.Streams.Transport;

namespace Vt.Hosts.StreamServer;

/// <summary>The first frames of a line, from the server's side.</summary>
/// <param name="line">The line.</param>
/// <param name="reader">What reads its frames.</param>
/// <param name="secret">The secret that has to be proven; empty where it needn't.</param>
sealed class Greeting(StreamLine line, FrameReader reader, ReadOnlyMemory<byte> secret)
{
    /// <summary>Hears who is there, and has it proven.</summary>
    /// <returns>What the client said, and the server's own proof; null where the client was sent away.</returns>
    public async Task<(Hello Hello, byte[] Proof)?> HearAsync(CancellationToken cancellationToken)
    {
        using var frame = await reader.ReadAsync(StreamLimits.LargestGreeting, null, cancellationToken);
        if (frame is null)
            return null;
        if (frame.Verb != StreamVerb.Hello)
            return await RefuseAsync(StreamFaultKind.Invalid, $"a hello has to come first, not verb {(int)frame.Verb}", cancellationToken);
        var hello = Hello.Read(frame.Meta);
        if (hello.Newest < StreamLimits.OldestVersion || hello.Oldest > StreamLimits.NewestVersion)
        {
            return await RefuseAsync(
                StreamFaultKind.Unsupported,
                $"versions {StreamLimits.OldestVersion} to {StreamLimits.NewestVersion} of the protocol are spoken here, {hello.Oldest} to {hello.Newest} there",
                cancellationToken);
        }

        if (secret.IsEmpty)
            return (hello, []);
        var nonce = RandomNumberGenerator.GetBytes(Hello.NonceLength);
        await SendAsync(Frame.Make(StreamVerb.Challenge, FrameFlags.Reply, 0, nonce), cancellationToken);
        using var answer = await reader.ReadAsync(StreamLimits.LargestGreeting, null, cancellationToken);
        if (answer is null)
            return null;
        var isProven = answer.Verb == StreamVerb.Proof
            && SecretProof.IsEqual(answer.Meta, SecretProof.OfClient(secret.Span, hello.Nonce.Span, nonce, line.Channel.Span));
        return isProven
            ? (hello, SecretProof.OfServer(secret.Span, hello.Nonce.Span, nonce, line.Channel.Span))
            : await RefuseAsync(StreamFaultKind.Refused, "the secret is not the server's", cancellationToken);
    }

    /// <summary>Lets the client in.</summary>
    public async Task WelcomeAsync(Welcome welcome, CancellationToken cancellationToken)
    {
        using var meta = new ByteWriter();
        welcome.Write(meta);
        await SendAsync(Frame.Make(StreamVerb.Welcome, FrameFlags.Reply, 0, meta.Written), cancellationToken);
    }

    /// <summary>Sends the client away, with a word why.</summary>
    public async Task<(Hello Hello, byte[] Proof)?> RefuseAsync(StreamFaultKind kind, string why, CancellationToken cancellationToken)
    {
        using var meta = new ByteWriter();
        new StreamFault(kind, why).Write(meta);
        await SendAsync(Frame.Make(StreamVerb.Welcome, FrameFlags.Reply | FrameFlags.Fault, 0, meta.Written), cancellationToken);
        return null;
    }

    async Task SendAsync(Frame frame, CancellationToken cancellationToken)
    {
        using (frame)
        {
            await line.Output.WriteAsync(frame.Bytes, cancellationToken);
            await line.Output.FlushAsync(cancellationToken);
        }
    }
}
