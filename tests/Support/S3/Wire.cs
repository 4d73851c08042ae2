using System.Net;
using System.Text;

namespace Vt.Tests.Support.S3;

/// <summary>What stands between a store and its server: it counts requests, and does wrong to those that a test chooses. Thread-safe.</summary>
public sealed class Wire : DelegatingHandler
{
    // Guards the list.
    readonly Lock _gate = new();
    readonly List<SeenRequest> _seen = [];
    int _count;

    public Wire(HttpMessageHandler inner)
        : base(inner)
    {
    }

    /// <summary>Chooses what goes wrong, by the request and its number from 0; null for nothing.</summary>
    public Func<HttpRequestMessage, int, WireFault?>? Fault { get; set; }

    /// <summary>How many bytes of an upload that is cut get through, out of the whole; by default half.</summary>
    public Func<long, long> CutAt { get; set; } = static length => length / 2;

    /// <summary>The requests since the last reset.</summary>
    public SeenRequest[] Seen
    {
        get
        {
            lock (_gate)
                return [.. _seen];
        }
    }

    /// <summary>How many requests since the last reset have a method.</summary>
    public int CountOf(string method) => Seen.Count(request => request.Method == method);

    /// <summary>Starts to count anew.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _seen.Clear();
            _count = 0;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        int number;
        lock (_gate)
        {
            number = _count++;
            var path = Uri.UnescapeDataString(request.RequestUri!.AbsolutePath).TrimStart('/');
            var isListing = request.RequestUri.Query.Contains("list-type", StringComparison.Ordinal);
            _seen.Add(new SeenRequest(isListing ? "LIST" : request.Method.Method, path, request.Content?.Headers.ContentLength ?? 0)
            {
                Range = request.Headers.Range?.Ranges.First() is { From: { } first, To: { } last } ? (first, last) : null,
            });
        }

        switch (Fault?.Invoke(request, number))
        {
            case WireFault.NoConnection:
                throw new HttpRequestException(HttpRequestError.ConnectionError, "refused by the test");
            case WireFault.CutUpload when request.Content is null:
                throw new HttpRequestException(HttpRequestError.ConnectionError, "cut by the test");
            case WireFault.CutUpload:
                request.Content = new CutContent(request.Content!, CutAt);
                return await base.SendAsync(request, cancellationToken);
            case WireFault.LostAnswer:
                (await base.SendAsync(request, cancellationToken)).Dispose();
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "answer lost by the test");
            case WireFault.DoneButError:
                (await base.SendAsync(request, cancellationToken)).Dispose();
                return Answer(request, HttpStatusCode.InternalServerError, "InternalError");
            case WireFault.Error:
                return Answer(request, HttpStatusCode.InternalServerError, "InternalError");
            case WireFault.SlowDown:
                return Answer(request, HttpStatusCode.ServiceUnavailable, "SlowDown");
            case WireFault.NotFound:
                return new HttpResponseMessage(HttpStatusCode.NotFound) { RequestMessage = request, Content = new ByteArrayContent([]) };
            case WireFault.CutAnswer:
                return await SpoilAsync(await base.SendAsync(request, cancellationToken), static bytes => bytes[..(bytes.Length / 2)]);
            case WireFault.FlippedBit:
                return await SpoilAsync(await base.SendAsync(request, cancellationToken), static bytes =>
                {
                    bytes[bytes.Length / 2] ^= 4;
                    return bytes;
                });
            default:
                return await base.SendAsync(request, cancellationToken);
        }
    }

    static HttpResponseMessage Answer(HttpRequestMessage request, HttpStatusCode status, string code) => new(status)
    {
        RequestMessage = request,
        Content = new StringContent($"<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>", Encoding.UTF8, "application/xml"),
    };

    static async Task<HttpResponseMessage> SpoilAsync(HttpResponseMessage answer, Func<byte[], byte[]> spoil)
    {
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        if (bytes.Length == 0)
            return answer;
        var content = new StreamContent(new MemoryStream(spoil(bytes)));
        foreach (var (name, values) in answer.Content.Headers)
            content.Headers.TryAddWithoutValidation(name, values);
        content.Headers.ContentLength = bytes.Length;
        answer.Content = content;
        return answer;
    }
}
