using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Vt.Posix;

namespace Vt.Hosts.HttpServer;

/// <summary>Answers with content: whole or in ranges, compressed or not, or with the word that whoever asked has it already (RFC 9110).</summary>
/// <param name="load">Shares memory among answers.</param>
/// <param name="isPrivate">Whether only whoever showed a token may keep it.</param>
sealed class ContentSender(ServerLoad load, bool isPrivate)
{
    /// <summary>What pages of the server's own may do: have styles, and nothing else.</summary>
    public const string PagePolicy = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

    // What is stored may be anybody's: it is shown as if from a site of its own, without scripts.
    const string StoredPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline' data:; img-src 'self' data:; media-src 'self' data:; font-src data:";

    const int LeastPiece = 32 << 10;
    const int MostPiece = 256 << 10;

    // How many pieces are read ahead, of all answers and of one. Where more answers are under way, the processors have enough to do, and memory is short.
    const int MostAhead = 16;
    const int MostDepth = 4;
    const int FramePiece = 128 << 10;
    const int LeastCompressed = 512;
    const int ZstdLevel = 3;

    /// <summary>Answers.</summary>
    public async Task SendAsync(Exchange exchange, ServedContent content)
    {
        var (request, response) = (exchange.Request, exchange.Response);
        var headers = response.Headers;
        var wantsRange = HttpMethods.IsGet(request.Method) && request.Headers.Range.Count > 0;
        var isCompressible = content.Length >= LeastCompressed && MediaTypes.IsCompressible(content.Type);
        var coding = isCompressible && !wantsRange ? Negotiation.CodingOf(request.Headers.AcceptEncoding.ToString()) : ContentCoding.Identity;
        var etag = coding == ContentCoding.Identity ? $"\"{content.Tag}\"" : $"\"{content.Tag}-{Negotiation.NameOf(coding)}\"";
        var validators = new Validators(etag, content.LastModified);
        headers.ETag = etag;
        headers.CacheControl = (isPrivate ? "private, " : "public, ") + (content.IsImmutable ? "max-age=31536000, immutable" : "no-cache");
        headers.LastModified = validators.LastModified;
        headers.AcceptRanges = "bytes";
        headers.ContentSecurityPolicy = content.IsOwnPage ? PagePolicy : StoredPolicy;
        if (isCompressible)
            headers.Vary = content.IsOwnPage ? "Accept, Accept-Encoding" : "Accept-Encoding";
        if (validators.Evaluate(request) is { } status)
        {
            response.StatusCode = status;
            return;
        }

        response.ContentType = content.Type;
        if (!content.SaveAs.IsEmpty)
            headers.ContentDisposition = DispositionOf(content.SaveAs.Span);
        if (coding != ContentCoding.Identity)
        {
            headers.ContentEncoding = Negotiation.NameOf(coding);
            if (!exchange.IsHead)
                await SendCompressedAsync(exchange, content, coding);
            return;
        }

        var ranges = wantsRange && validators.AllowsRange(request) ? RangeHeader.Parse(request.Headers.Range.ToString(), content.Length) : null;
        switch (ranges)
        {
            case null:
                response.ContentLength = content.Length;
                if (!exchange.IsHead)
                    await CopyAsync(exchange, content, new ByteRange(0, content.Length - 1));
                break;
            case []:
                response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                headers.ContentRange = $"bytes */{content.Length}";
                headers.CacheControl = "no-store";
                response.ContentLength = 0;
                response.ContentType = null;
                break;
            case [var only]:
                response.StatusCode = StatusCodes.Status206PartialContent;
                headers.ContentRange = ContentRangeOf(only, content.Length);
                response.ContentLength = only.Length;
                await CopyAsync(exchange, content, only);
                break;
            default:
                await SendPartsAsync(exchange, content, ranges);
                break;
        }
    }

    static string ContentRangeOf(ByteRange range, long length) => string.Create(CultureInfo.InvariantCulture, $"bytes {range.First}-{range.Last}/{length}");

    // RFC 6266: the name for all, and for those who know UTF-8 as it is.
    static string DispositionOf(ReadOnlySpan<byte> name)
    {
        var plain = new StringBuilder(name.Length);
        foreach (var c in Encoding.UTF8.GetString(name))
            plain.Append(c is >= ' ' and <= '~' and not ('"' or '\\' or '%') ? c : '_');
        return $"attachment; filename=\"{plain}\"; filename*=UTF-8''{Uri.EscapeDataString(Encoding.UTF8.GetString(name))}";
    }

    async Task SendPartsAsync(Exchange exchange, ServedContent content, IReadOnlyList<ByteRange> ranges)
    {
        var boundary = Guid.NewGuid().ToString("N");
        var heads = new byte[ranges.Count][];
        var end = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        long length = end.Length;
        for (var i = 0; i < heads.Length; i++)
        {
            heads[i] = Encoding.ASCII.GetBytes(
                $"{(i == 0 ? "" : "\r\n")}--{boundary}\r\nContent-Type: {content.Type}\r\nContent-Range: {ContentRangeOf(ranges[i], content.Length)}\r\n\r\n");
            length += heads[i].Length + ranges[i].Length;
        }

        var response = exchange.Response;
        response.StatusCode = StatusCodes.Status206PartialContent;
        response.ContentType = $"multipart/byteranges; boundary={boundary}";
        response.ContentLength = length;
        await response.StartAsync(exchange.Aborted);
        for (var i = 0; i < heads.Length; i++)
        {
            response.BodyWriter.Write(heads[i]);
            await CopyAsync(exchange, content, ranges[i]);
        }

        await response.BodyWriter.WriteAsync(end, exchange.Aborted);
    }

    async Task CopyAsync(Exchange exchange, ServedContent content, ByteRange range)
    {
        var writer = exchange.Response.BodyWriter;
        var (at, left) = (range.First, range.Length);
        if (!exchange.Response.HasStarted && left > 0)
        {
            var read = await StartAsync(exchange, content, at, (int)Math.Min(left, load.ShareOf(LeastPiece, MostPiece)));
            at += read;
            left -= read;
        }

        var depth = Math.Min(MostAhead / Math.Max(1, load.Active), content.IsForMany ? MostDepth : 1);
        if (depth > 0 && left > LeastPiece)
            await CopyAheadAsync(exchange, content, at, left, depth);
        else
            await CopyPlainlyAsync(exchange, content, at, left);
    }

    async Task CopyPlainlyAsync(Exchange exchange, ServedContent content, long at, long left)
    {
        var writer = exchange.Response.BodyWriter;
        while (left > 0)
        {
            var wanted = (int)Math.Min(left, load.ShareOf(LeastPiece, MostPiece));
            var read = await ReadAsync(exchange, content, at, writer.GetMemory(wanted)[..wanted]);
            writer.Advance(read);
            await FlushAsync(writer, exchange);
            at += read;
            left -= read;
        }
    }

    // The next pieces are read, unpacked and checked, on several processors, while whoever asked takes the one before.
    async Task CopyAheadAsync(Exchange exchange, ServedContent content, long at, long left, int depth)
    {
        var writer = exchange.Response.BodyWriter;
        var end = at + left;
        var pieces = new Queue<AheadPiece>(depth);
        try
        {
            while (left > 0)
            {
                while (pieces.Count < depth && at < end)
                    Begin(ArrayPool<byte>.Shared.Rent(MostPiece));
                var piece = pieces.Peek();
                var read = await piece.Reading;
                piece.Buffer.AsMemory(0, read).CopyTo(writer.GetMemory(read));
                writer.Advance(read);
                left -= read;
                pieces.Dequeue();
                if (at < end)
                    Begin(piece.Buffer);
                else
                    ArrayPool<byte>.Shared.Return(piece.Buffer);
                await FlushAsync(writer, exchange);
            }
        }
        finally
        {
            // A buffer is not another's before nobody writes to it any more.
            foreach (var piece in pieces)
            {
                await ((Task)piece.Reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                ArrayPool<byte>.Shared.Return(piece.Buffer);
            }
        }

        void Begin(byte[] buffer)
        {
            var (from, wanted) = (at, (int)Math.Min(end - at, load.ShareOf(LeastPiece, MostPiece)));
            pieces.Enqueue(new AheadPiece(buffer, Task.Run(() => ReadFullyAsync(exchange, content, from, buffer.AsMemory(0, wanted)))));
            at += wanted;
        }
    }

    static async Task<int> ReadFullyAsync(Exchange exchange, ServedContent content, long at, Memory<byte> destination)
    {
        for (var done = 0; done < destination.Length;)
            done += await ReadAsync(exchange, content, at + done, destination[done..]);
        return destination.Length;
    }

    static async ValueTask<int> ReadAsync(Exchange exchange, ServedContent content, long at, Memory<byte> destination)
    {
        var read = await content.ReadAsync(at, destination, exchange.Aborted);
        return read > 0 ? read : throw new InvalidDataException($"content of {content.Length} bytes ends at {at}");
    }

    // Until the first bytes are there, a failure can still be an answer of its own.
    static async ValueTask<int> StartAsync(Exchange exchange, ServedContent content, long at, int wanted)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(wanted);
        try
        {
            var read = await ReadAsync(exchange, content, at, buffer.AsMemory(0, wanted));
            await exchange.Response.StartAsync(exchange.Aborted);

            // In one piece: left to itself, the writer takes a page at a time.
            var writer = exchange.Response.BodyWriter;
            buffer.AsMemory(0, read).CopyTo(writer.GetMemory(read));
            writer.Advance(read);
            await FlushAsync(writer, exchange);
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    static async Task SendCompressedAsync(Exchange exchange, ServedContent content, ContentCoding coding)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FramePiece);
        try
        {
            if (coding == ContentCoding.Gzip)
            {
                await using var gzip = new GZipStream(exchange.Response.Body, CompressionLevel.Optimal, leaveOpen: true);
                await ForEachPieceAsync(exchange, content, buffer, piece => gzip.WriteAsync(piece, exchange.Aborted));
                return;
            }

            // Frames that follow each other are one stream (RFC 8878, 3.1), and none needs more than its own piece to be remembered.
            using var compressor = new ZstdCompressor(ZstdLevel);
            var writer = exchange.Response.BodyWriter;
            await ForEachPieceAsync(exchange, content, buffer, async piece =>
            {
                if (!exchange.Response.HasStarted)
                    await exchange.Response.StartAsync(exchange.Aborted);
                var target = writer.GetMemory(ZstdCompressor.Bound(piece.Length));
                writer.Advance(compressor.Compress(piece.Span, target.Span));
                await FlushAsync(writer, exchange);
            });
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    static async Task ForEachPieceAsync(Exchange exchange, ServedContent content, byte[] buffer, Func<ReadOnlyMemory<byte>, ValueTask> take)
    {
        for (var at = 0L; at < content.Length;)
        {
            var read = await ReadAsync(exchange, content, at, buffer.AsMemory(0, (int)Math.Min(FramePiece, content.Length - at)));
            await take(buffer.AsMemory(0, read));
            at += read;
        }
    }

    // A reader who has gone needs no more.
    static async ValueTask FlushAsync(PipeWriter writer, Exchange exchange)
    {
        var flushed = await writer.FlushAsync(exchange.Aborted);
        if (flushed.IsCompleted || flushed.IsCanceled)
            throw new OperationCanceledException("whoever asked has gone", exchange.Aborted);
    }

    readonly record struct AheadPiece(byte[] Buffer, Task<int> Reading);
}
