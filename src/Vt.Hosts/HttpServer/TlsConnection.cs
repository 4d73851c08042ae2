using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;

namespace Vt.Hosts.HttpServer;

/// <summary>Encrypts a connection. Kestrel's own way to do so wants services that only its web host has.</summary>
static class TlsConnection
{
    // A record has at most so many bytes.
    const int RecordSize = 16 << 10;

    static readonly TimeSpan _handshake = TimeSpan.FromSeconds(15);

    /// <summary>Greets the client, and then lets somebody speak with it.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="options">The certificate, and what is spoken.</param>
    /// <param name="time">The clock of the client's patience.</param>
    /// <param name="next">Speaks with the client.</param>
    public static async Task RunAsync(ConnectionContext connection, SslServerAuthenticationOptions options, TimeProvider time, ConnectionDelegate next)
    {
        var plain = connection.Transport;
        await using var encrypted = new SslStream(new DuplexStream(plain), leaveInnerStreamOpen: true);
        using (var patience = new CancellationTokenSource(_handshake, time))
        {
            try
            {
                await encrypted.AuthenticateAsServerAsync(options, patience.Token);
            }
            catch (Exception fault) when (fault is AuthenticationException or IOException or OperationCanceledException or ConnectionAbortedException)
            {
                // Whoever that was speaks no TLS, or trusts others than us.
                return;
            }
        }

        var pipes = new Pipes(
            PipeReader.Create(encrypted, new StreamPipeReaderOptions(bufferSize: RecordSize, leaveOpen: true)),
            PipeWriter.Create(encrypted, new StreamPipeWriterOptions(minimumBufferSize: RecordSize, leaveOpen: true)));
        connection.Transport = pipes;
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = plain;
            await CompleteAsync(pipes);
        }
    }

    static async Task CompleteAsync(Pipes pipes)
    {
        try
        {
            await pipes.Input.CompleteAsync();
            await pipes.Output.CompleteAsync();
        }
        catch (Exception fault) when (fault is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The client has gone without waiting for the end.
        }
    }

    sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
