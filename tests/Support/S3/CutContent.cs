using System.Net;

namespace Vt.Tests.Support.S3;

/// <summary>The body of a request whose connection is lost while it is sent: the headers claim all of it.</summary>
sealed class CutContent : HttpContent
{
    readonly HttpContent _whole;
    readonly Func<long, long> _cutAt;

    public CutContent(HttpContent whole, Func<long, long> cutAt)
    {
        _whole = whole;
        _cutAt = cutAt;
        foreach (var (name, values) in whole.Headers)
            Headers.TryAddWithoutValidation(name, values);
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var bytes = await _whole.ReadAsByteArrayAsync();
        await stream.WriteAsync(bytes.AsMemory(0, (int)_cutAt(bytes.Length)));
        await stream.FlushAsync();
        throw new IOException("cut by the test");
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _whole.Headers.ContentLength ?? 0;
        return true;
    }
}
