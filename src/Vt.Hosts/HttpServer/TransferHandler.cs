using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Stores.Http;

namespace Vt.Hosts.HttpServer;

/// <summary>Answers what stores on the other side ask, below /s/; vt-http(7) has the protocol.</summary>
sealed class TransferHandler(HttpSite site)
{
    const int BlocksAtOnce = 32;

    readonly MoveTokens _tokens = new(site.Options.Clock);

    IBlockStore Store => site.Store;

    /// <summary>Answers.</summary>
    public async Task HandleAsync(Exchange exchange)
    {
        if (exchange.Request.Headers[HttpWire.ProtocolHeader] != HttpWire.Protocol.ToString(CultureInfo.InvariantCulture))
            throw RefusalException.Bad($"what is below /{HttpWire.Prefix} is for programs: the header {HttpWire.ProtocolHeader} has to be {HttpWire.Protocol}");
        switch (exchange.Path[1])
        {
            case "info":
                exchange.AllowReading();
                var info = new StoreInfo(HttpWire.Protocol, HashAlgorithms.NameOf(Store.Hasher.Algorithm), ChunkingInfo.Of(Store.Chunking), Store.IsComplete, site.Options.IsWritable);
                await exchange.SendJsonAsync(info, HttpStoreJson.Default.StoreInfo);
                break;
            case "contains":
                exchange.Allow(HttpMethods.Post);
                await ContainsAsync(exchange);
                break;
            case "get":
                exchange.Allow(HttpMethods.Post);
                await GetAsync(exchange);
                break;
            case "add":
                exchange.Allow(HttpMethods.Post);
                RequireWritable();
                await AddAsync(exchange);
                break;
            case "flush":
                exchange.Allow(HttpMethods.Post);
                RequireWritable();
                await Store.FlushAsync(exchange.Aborted);
                await exchange.SendAsync(default, HttpWire.BinaryType);
                break;
            case "list":
                exchange.AllowReading();
                await ListAsync(exchange);
                break;
            case "refs":
                exchange.AllowReading();
                await SendLinesAsync(exchange, References().ListAsync(exchange.Query("prefix") ?? "", exchange.Aborted));
                break;
            case "log":
                exchange.AllowReading();
                var lines = References().ReadLogAsync(exchange.Query("name") ?? "", exchange.Aborted)
                    .Select(static movement => JsonSerializer.Serialize(new RefLogLine(movement.When, movement.Value, movement.Note), HttpStoreJson.Default.RefLogLine));
                await SendLinesAsync(exchange, lines);
                break;
            case "ref" when HttpMethods.IsPost(exchange.Request.Method):
                RequireWritable();
                await MoveAsync(exchange);
                break;
            case "ref":
                exchange.AllowReading();
                await exchange.SendJsonAsync(new RefValue(await References().ReadAsync(exchange.Query("name") ?? "", exchange.Aborted)), HttpStoreJson.Default.RefValue);
                break;
            default:
                throw RefusalException.NotFound($"there is no /{HttpWire.Prefix}{exchange.Path[1]}");
        }
    }

    IRefStore References() => site.References ?? throw new NotSupportedException("the store keeps no references");

    void RequireWritable()
    {
        if (!site.Options.IsWritable)
            throw new RefusalException(StatusCodes.Status403Forbidden, "the store is served for reading only");
    }

    async Task ContainsAsync(Exchange exchange)
    {
        var hashes = await ReadHashesAsync(exchange, HttpWire.MostHashes);
        var present = new bool[hashes.Length];
        await Store.ContainsManyAsync(hashes, present, exchange.Aborted);

        // Who may not flush can rely on nothing that a crash takes away.
        if (!site.Options.IsWritable && present.Contains(true))
            await Store.FlushAsync(exchange.Aborted);
        await exchange.SendAsync(Array.ConvertAll(present, static isPresent => isPresent ? (byte)1 : (byte)0), HttpWire.BinaryType);
    }

    async Task GetAsync(Exchange exchange)
    {
        var hashes = await ReadHashesAsync(exchange, HttpWire.MostBlocks);
        exchange.Response.ContentType = HttpWire.BinaryType;
        exchange.Response.Headers.CacheControl = "no-store";
        await exchange.Response.StartAsync(exchange.Aborted);
        var leases = new BlockLease[BlocksAtOnce];
        for (var at = 0; at < hashes.Length;)
        {
            var count = Math.Min(hashes.Length - at, site.Load.ShareOf(1, BlocksAtOnce * Store.Chunking.Maximum) / Store.Chunking.Maximum);
            count = Math.Max(1, count);
            if (!await TrySendAsync(exchange, hashes.AsMemory(at, count), leases.AsMemory(0, count)))
                return;
            at += count;
        }
    }

    // Sends some blocks; where not all of them can be had, one after the other, so that the others are. Nothing follows a failure.
    async Task<bool> TrySendAsync(Exchange exchange, ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> leases)
    {
        try
        {
            await Store.GetManyAsync(hashes, leases, exchange.Aborted);
        }
        catch (Exception fault) when (fault is BlockCorruptException or StoreUnavailableException && hashes.Length > 1)
        {
            for (var i = 0; i < hashes.Length; i++)
            {
                if (!await TrySendAsync(exchange, hashes.Slice(i, 1), leases[..1]))
                    return false;
            }

            return true;
        }
        catch (Exception fault) when (fault is BlockCorruptException or StoreUnavailableException)
        {
            var problem = JsonSerializer.SerializeToUtf8Bytes(HttpProblem.Of(fault), HttpStoreJson.Default.HttpProblem);
            Write(exchange, BlockAnswer.Failed, problem);
            return false;
        }

        try
        {
            for (var i = 0; i < hashes.Length; i++)
            {
                Write(exchange, leases.Span[i].IsPresent ? BlockAnswer.Present : BlockAnswer.Absent, leases.Span[i].Span);
                await exchange.Response.BodyWriter.FlushAsync(exchange.Aborted);
            }
        }
        finally
        {
            foreach (ref var lease in leases.Span)
            {
                lease.Dispose();
                lease = default;
            }
        }

        return true;
    }

    static void Write(Exchange exchange, BlockAnswer answer, ReadOnlySpan<byte> bytes)
    {
        var header = exchange.Response.BodyWriter.GetSpan(HttpWire.AnswerHeaderLength);
        header[0] = (byte)answer;
        BinaryPrimitives.WriteUInt32LittleEndian(header[1..], (uint)bytes.Length);
        exchange.Response.BodyWriter.Advance(HttpWire.AnswerHeaderLength);
        exchange.Response.BodyWriter.Write(bytes);
    }

    async Task AddAsync(Exchange exchange)
    {
        if (exchange.Request.ContentLength is not { } length)
            throw new RefusalException(StatusCodes.Status411LengthRequired, "a request that brings blocks says how long it is");
        if (length > HttpWire.LargestAdd)
            throw new RefusalException(StatusCodes.Status413PayloadTooLarge, $"a request that brings blocks has at most {HttpWire.LargestAdd} bytes, and this {length}");
        await site.Adds.WaitAsync(exchange.Aborted);
        var body = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            await exchange.Request.Body.ReadExactlyAsync(body.AsMemory(0, (int)length), exchange.Aborted);
            var added = await new AddedBatch(Store).AddAsync(body.AsMemory(0, (int)length), exchange.Aborted);
            await exchange.SendJsonAsync(added, HttpStoreJson.Default.AddedBlocks);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
            site.Adds.Release();
        }
    }

    async Task ListAsync(Exchange exchange)
    {
        if (Store is not IBlockEnumeration listing)
            throw new NotSupportedException("the store can't list its blocks");
        BlockHash? after = null;
        if (exchange.Query("after") is { } text)
            after = BlockHash.TryParse(text, out var hash) ? hash : throw RefusalException.Bad("after is no block's name");
        using var page = new ByteWriter();
        var count = 0;
        var more = false;
        await foreach (var hash in listing.EnumerateAsync(after, exchange.Aborted))
        {
            more = count == HttpWire.ListPage;
            if (more)
                break;
            page.WriteHash(hash);
            count++;
        }

        page.WriteByte(more ? (byte)1 : (byte)0);
        await exchange.SendAsync(page.WrittenMemory, HttpWire.BinaryType);
    }

    // An empty line tells the end from a connection that broke.
    static async Task SendLinesAsync(Exchange exchange, IAsyncEnumerable<string> lines)
    {
        var writer = exchange.Response.BodyWriter;
        exchange.Response.ContentType = "text/plain; charset=utf-8";
        exchange.Response.Headers.CacheControl = "no-store";
        await foreach (var line in lines)
        {
            // What fails before the first line is an answer of its own.
            if (!exchange.Response.HasStarted)
                await exchange.Response.StartAsync(exchange.Aborted);
            Encoding.UTF8.GetBytes(line, writer);
            writer.Write("\n"u8);
            if (writer.UnflushedBytes > 32 << 10)
                await writer.FlushAsync(exchange.Aborted);
        }

        await writer.WriteAsync("\n"u8.ToArray(), exchange.Aborted);
    }

    async Task MoveAsync(Exchange exchange)
    {
        var body = await ReadBodyAsync(exchange, HttpWire.LargestMove);
        RefMove? move;
        try
        {
            move = JsonSerializer.Deserialize(body, HttpStoreJson.Default.RefMove);
        }
        catch (JsonException fault)
        {
            throw RefusalException.Bad($"the movement is no JSON: {fault.Message}");
        }

        if (move is not { Name: not null, Note: not null, Instance: not null })
            throw RefusalException.Bad("the movement has no name, note or instance");
        if (move.Instance != site.Instance)
        {
            var problem = new HttpProblem(HttpProblem.Restarted, StatusCodes.Status409Conflict, "the server has been started anew since this was asked for first");
            await exchange.SendProblemAsync(problem, asJson: true);
            return;
        }

        // Once it is begun it is finished, whoever waits for it: it is asked for again otherwise.
        var isMoved = await _tokens.MoveAsync(
            move.Token, () => References().TryMoveAsync(move.Name, move.Expected, move.Value, move.Note, CancellationToken.None).AsTask());
        await exchange.SendJsonAsync(new RefMoved(isMoved), HttpStoreJson.Default.RefMoved);
    }

    static async Task<BlockHash[]> ReadHashesAsync(Exchange exchange, int most)
    {
        var body = await ReadBodyAsync(exchange, most * HttpWire.HashLength);
        if (body.Length % HttpWire.HashLength != 0)
            throw RefusalException.Bad($"{body.Length} bytes are no whole number of names of {HttpWire.HashLength} bytes");
        var reader = new ByteReader(body);
        var hashes = new BlockHash[body.Length / HttpWire.HashLength];
        for (var i = 0; i < hashes.Length; i++)
            hashes[i] = reader.ReadHash();
        return hashes;
    }

    static async Task<byte[]> ReadBodyAsync(Exchange exchange, int most)
    {
        if (exchange.Request.ContentLength is not { } length)
            throw new RefusalException(StatusCodes.Status411LengthRequired, "the request has to say how long it is");
        if (length > most)
            throw new RefusalException(StatusCodes.Status413PayloadTooLarge, $"the request has {length} bytes, over the limit of {most}");
        var body = new byte[length];
        await exchange.Request.Body.ReadExactlyAsync(body, exchange.Aborted);
        return body;
    }
}
