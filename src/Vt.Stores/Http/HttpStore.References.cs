using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Vt.Blocks.Contracts;
using Vt.Stores.References;

namespace Vt.Stores.Http;

public sealed partial class HttpStore
{
    // A log's line has a value and a note, each of which may be a megabyte, and JSON writes some characters as six.
    const int LongestLine = 16 << 20;

    volatile string _instance;

    /// <inheritdoc/>
    public async ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        RefName.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        var read = await _connection.CallAsync(
            () => Get($"ref?name={Uri.EscapeDataString(name)}"), HttpStoreJson.Default.RefValue, LongestLine, cancellationToken);
        return read.Value;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // All at once: an attempt that breaks off is made again from the beginning.
        var names = await ReadLinesAsync($"refs?prefix={Uri.EscapeDataString(prefix)}", RefName.LongestName, cancellationToken);
        foreach (var name in names)
            yield return name;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The name is not valid, or the value or the note is not one line.</exception>
    public async ValueTask<bool> TryMoveAsync(string name, string? expected, string? value, string note, CancellationToken cancellationToken = default)
    {
        RefName.Check(name, value, note);
        cancellationToken.ThrowIfCancellationRequested();
        RequireWritable();

        // The token lets the server know again a movement whose answer was lost on the way.
        var token = Guid.NewGuid();
        var first = _instance;
        while (true)
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(new RefMove(name, expected, value, note, token, first), HttpStoreJson.Default.RefMove);
            if (body.Length > HttpWire.LargestMove)
                throw new ArgumentException($"a movement of {body.Length} bytes is over the limit of {HttpWire.LargestMove}", nameof(value));
            var attempts = 0;
            try
            {
                var moved = await _connection.CallAsync(
                    () =>
                    {
                        attempts++;
                        return new HttpRequestMessage(HttpMethod.Post, HttpWire.Prefix + "ref")
                        {
                            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
                        };
                    },
                    HttpStoreJson.Default.RefMoved,
                    HttpWire.LargestText,
                    cancellationToken);
                return moved.IsMoved;
            }
            catch (ServerRestartedException restarted) when (attempts == 1)
            {
                // Nothing was done: another run of the server took the store over before this was asked for.
                _instance = first = restarted.Instance;
            }
            catch (ServerRestartedException fault)
            {
                _instance = fault.Instance;
                throw new StoreUnavailableException(
                    Description, $"the server was started anew while {name} was moved; whether it was is not known", isTransient: true, fault);
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RefMovement> ReadLogAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        RefName.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var line in await ReadLinesAsync($"log?name={Uri.EscapeDataString(name)}", LongestLine, cancellationToken))
        {
            var movement = _connection.ParseJson(System.Text.Encoding.UTF8.GetBytes(line), HttpStoreJson.Default.RefLogLine);
            yield return new RefMovement(movement.When, movement.Value, movement.Note ?? throw _connection.Strange("a movement has no note"));
        }
    }

    // Lines, of which an empty one is the end: without it the answer was cut short.
    Task<List<string>> ReadLinesAsync(string call, int longest, CancellationToken cancellationToken) => _connection.CallAsync(
        () => Get(call),
        async (response, attempt) =>
        {
            await using var body = await response.Content.ReadAsStreamAsync(attempt.Token);
            using var reader = new StreamReader(body);
            var lines = new List<string>();
            while (await reader.ReadLineAsync(attempt.Token) is { } line)
            {
                attempt.Touch();
                if (line.Length == 0)
                    return lines;
                if (line.Length > longest)
                    throw _connection.Strange($"a line has {line.Length} characters");
                lines.Add(line);
            }

            throw new EndOfStreamException("the answer ends too early");
        },
        null,
        cancellationToken);

    static HttpRequestMessage Get(string call) => new(HttpMethod.Get, HttpWire.Prefix + call);
}
