using System.Buffers.Binary;
using System.Text;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Hosts.HttpServer;
using Vt.Stores.Config;
using Vt.Stores.Faults;
using Vt.Stores.Http;
using Vt.Stores.Memory;
using Vt.Tests.Support;

namespace Vt.Tests.Http;

/// <summary>What goes wrong between a store and the server that it is behind, and what becomes of it.</summary>
public sealed class FaultTests
{
    const int Seed = 20261122;

    [Theory]
    [InlineData(FaultKind.BitFlip)]
    [InlineData(FaultKind.TruncatedRead)]
    public async Task Damage_on_the_other_side_or_on_the_way_is_seen_here(FaultKind kind)
    {
        var inner = new MemoryStore();
        var blocks = TestBlock.Many(inner.Hasher, 1, 20);
        await TestBlock.AddAsync(inner, blocks);
        await using var bed = await HttpBed.StartAsync(new FaultyStore(inner, [new FaultRule(kind, First: 3)]));
        await using var store = await bed.OpenAsync();

        var leases = new BlockLease[20];
        var fault = await Assert.ThrowsAsync<BlockCorruptException>(async () => await store.GetManyAsync(blocks.Select(static block => block.Hash).ToArray(), leases));

        Assert.Contains(blocks, block => block.Hash == fault.Hash);
        Assert.All(leases, static lease => Assert.False(lease.IsPresent));
    }

    [Fact]
    public async Task A_store_that_cannot_be_reached_for_a_while_is_asked_again_until_it_can()
    {
        var inner = new MemoryStore();
        await using var bed = await HttpBed.StartAsync(new FaultyStore(inner, [new FaultRule(FaultKind.Error, First: 0, Every: 3)]));
        await using var store = await bed.OpenAsync();
        var blocks = TestBlock.Many(inner.Hasher, 2, 40);

        foreach (var block in blocks)
            await TestBlock.AddAsync(store, block);
        await store.FlushAsync();
        foreach (var block in blocks)
            Assert.True(await TestBlock.IsInAsync(store, block));
    }

    [Fact]
    public async Task A_store_that_stays_away_is_reported_as_that()
    {
        await using var bed = await HttpBed.StartAsync(new FaultyStore(new MemoryStore(), [new FaultRule(FaultKind.Error)]));
        await using var store = await bed.OpenAsync(static settings => settings with { Timeout = TimeSpan.FromSeconds(1) });
        var block = TestBlock.Of(store.Hasher, [1]);

        Assert.True((await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.GetAsync(block.Hash))).IsTransient);
        Assert.True((await Assert.ThrowsAsync<StoreUnavailableException>(() => TestBlock.AddAsync(store, block))).IsTransient);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.ContainsManyAsync(new[] { block.Hash }, new bool[1]));
    }

    [Fact]
    public async Task A_full_store_says_so_on_this_side()
    {
        await using var bed = await HttpBed.StartAsync(new MemoryStore { MostBytes = 1000 });
        await using var store = await bed.OpenAsync();

        await Assert.ThrowsAsync<StoreFullException>(() => TestBlock.AddAsync(store, TestBlock.Many(store.Hasher, 3, 40)));
    }

    [Fact]
    public async Task Nobody_writes_where_that_was_not_allowed()
    {
        var inner = new MemoryStore();
        await using var bed = await HttpBed.StartAsync(inner, static options => options with { IsWritable = false });
        await using var store = await bed.OpenAsync();

        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => TestBlock.AddAsync(store, TestBlock.Of(store.Hasher, [1])));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await ((IRefStore)store).TryMoveAsync("a", null, "b", ""));
        foreach (var call in (string[])["add", "flush", "ref"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"s/{call}") { Content = new ByteArrayContent([]), Headers = { { HttpWire.ProtocolHeader, "1" } } };
            using var response = await bed.Client.SendAsync(request);
            Assert.Equal(System.Net.HttpStatusCode.Forbidden, response.StatusCode);
        }

        Assert.False(fault.IsTransient);
        Assert.Equal(0, inner.GetCapacity().Blocks);
    }

    [Fact]
    public async Task A_wrong_token_is_told_at_once()
    {
        using var folder = new TempFolder();
        await using var bed = await HttpBed.StartAsync(new MemoryStore(), static options => options with { Token = "0123456789abcdef" });

        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => bed.OpenAsync(settings => settings with { TokenFile = folder.Write("wrong", "fedcba9876543210\n") }));
        await using var store = await bed.OpenAsync(settings => settings with { TokenFile = folder.Write("right", "0123456789abcdef\n") });

        Assert.False(fault.IsTransient);
        await TestBlock.AddAsync(store, TestBlock.Of(store.Hasher, [1]));
    }

    [Fact]
    public async Task What_was_not_flushed_when_the_server_died_is_sent_again()
    {
        // What a crash leaves is what was flushed: nothing.
        var address = FreeAddress();
        var server = await VtHttpServer.StartAsync(new MemoryStore(), OptionsAt(address));
        var store = await OpenAtAsync(address);
        var blocks = TestBlock.Many(store.Hasher, 4, 30);
        await TestBlock.AddAsync(store, blocks[..20]);
        await server.DisposeAsync();
        var after = new MemoryStore();
        await using var second = await VtHttpServer.StartAsync(after, OptionsAt(address));
        await TestBlock.AddAsync(store, blocks[20..]);

        await store.FlushAsync();

        foreach (var block in blocks)
            Assert.True(await TestBlock.IsInAsync(after, block));
        await store.DisposeAsync();
    }

    [Fact]
    public async Task What_was_not_flushed_when_the_server_died_is_read_from_the_next_one()
    {
        var address = FreeAddress();
        var server = await VtHttpServer.StartAsync(new MemoryStore(), OptionsAt(address));
        await using var store = await OpenAtAsync(address);
        var blocks = TestBlock.Many(store.Hasher, 6, 20);
        await TestBlock.AddAsync(store, blocks);
        await server.DisposeAsync();
        var lost = TestBlock.Of(store.Hasher, [1]);
        await using (await VtHttpServer.StartAsync(new MemoryStore(), OptionsAt(address)))
        {
            foreach (var block in blocks)
                Assert.True(await TestBlock.IsInAsync(store, block));
            Assert.False(await TestBlock.IsInAsync(store, lost));
        }

        await using var third = await VtHttpServer.StartAsync(new MemoryStore(), OptionsAt(address));
        var present = new bool[21];
        await store.ContainsManyAsync(blocks.Append(lost).Select(static block => block.Hash).ToArray(), present);
        Assert.Equal([.. Enumerable.Repeat(true, 20), false], present);
    }

    [Fact]
    public async Task What_the_server_has_already_is_not_sent_again_and_yet_made_durable()
    {
        var inner = new CountingStore(new MemoryStore());
        await using var bed = await HttpBed.StartAsync(inner);
        await using var store = await bed.OpenAsync();
        var blocks = TestBlock.Many(store.Hasher, 5, 60);
        await TestBlock.AddAsync(store, blocks);
        await store.FlushAsync();
        inner.Reset();

        var counts = await TestBlock.AddAsync(store, blocks);
        await store.FlushAsync();

        Assert.Equal((0, 60), (counts.NewBlocks, counts.KnownBlocks));
        Assert.Equal((60, 1), (inner.Offered, inner.Flushes));
    }

    [Fact]
    public async Task A_movement_that_is_asked_for_twice_is_made_once()
    {
        var refs = new MemoryStore();
        await using var bed = await HttpBed.StartAsync(refs);
        var instance = (await bed.AskAsync("/healthz")).Headers.GetValues(HttpWire.InstanceHeader).Single();
        var token = Guid.NewGuid();
        var body = $$"""{"name":"a","value":"1","note":"","token":"{{token}}","instance":"{{instance}}"}""";

        Assert.Equal("""{"is_moved":true}""", await PostAsync(bed, "s/ref", body));
        Assert.Equal("""{"is_moved":true}""", await PostAsync(bed, "s/ref", body));
        Assert.Equal("""{"is_moved":false}""", await PostAsync(bed, "s/ref", body.Replace(token.ToString(), Guid.NewGuid().ToString(), StringComparison.Ordinal)));
        Assert.Single(await refs.ReadLogAsync("a").ToArrayAsync());
        Assert.Contains("urn:vt:restarted", await PostAsync(bed, "s/ref", body.Replace(instance, "another", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_movement_follows_a_server_that_was_started_anew_before_it()
    {
        var refs = new MemoryStore();
        var address = FreeAddress();
        var first = await VtHttpServer.StartAsync(refs, OptionsAt(address));
        await using var store = await OpenAtAsync(address);
        await first.DisposeAsync();
        await using var second = await VtHttpServer.StartAsync(refs, OptionsAt(address));

        Assert.True(await ((IRefStore)store).TryMoveAsync("a", null, "1", "x"));
        Assert.False(await ((IRefStore)store).TryMoveAsync("a", null, "2", "x"));
    }

    [Fact]
    public async Task A_block_that_is_not_what_its_name_says_is_not_taken()
    {
        var inner = new MemoryStore();
        await using var bed = await HttpBed.StartAsync(inner);
        var body = new byte[HttpWire.AddHeaderLength + 3];
        body[1] = (byte)HashAlgorithmId.Blake3;
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(HttpWire.AddHeaderLength - 4), 3);

        Assert.Contains("urn:vt:block-corrupt", await PostAsync(bed, "s/add", body), StringComparison.Ordinal);
        Assert.Equal(0, inner.GetCapacity().Blocks);
    }

    // 100,000 requests of random bytes and of damaged good ones, with a fixed seed.
    [Fact]
    public void No_request_that_brings_blocks_is_read_beyond_its_end()
    {
        var random = new Random(Seed);
        var store = new MemoryStore();
        var good = new byte[HttpWire.AddHeaderLength + 40];
        good[1] = (byte)HashAlgorithmId.Blake3;
        good[HttpWire.AddHeaderLength - 4] = 40;
        var taken = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var body = good.AsSpan(0, random.Next(3) == 0 ? random.Next(good.Length) : good.Length).ToArray();
            for (var k = random.Next(4); k > 0 && body.Length > 0; k--)
                body[random.Next(body.Length)] = (byte)random.Next(256);
            try
            {
                new AddedBatch(store).Parse(body);
                taken++;
            }
            catch (FormatInvalidException)
            {
                // That is what it is there for.
            }
        }

        Assert.InRange(taken, 1, 99_999);
    }

    // 3,000 answers of random bytes and of damaged good ones, with a fixed seed: each is a failure of a kind that a store may have, or the block itself.
    [Fact]
    public async Task No_answer_makes_the_client_believe_a_wrong_block()
    {
        var random = new Random(Seed);
        var hasher = HashAlgorithms.GetHasher(HashAlgorithmId.Blake3);
        var block = TestBlock.Of(hasher, Encoding.UTF8.GetBytes("the right bytes"));
        byte[] good = [1, (byte)block.Bytes.Length, 0, 0, 0, .. block.Bytes];
        var info = Encoding.UTF8.GetBytes("""{"protocol":1,"hash":"blake3","chunking":{"rule":1,"minimum":1024,"average":4096,"maximum":16384},"is_complete":true,"is_writable":true}""");
        await using var server = new AnsweringServer(first =>
        {
            if (first.Contains("/s/info ", StringComparison.Ordinal))
                return AnsweringServer.Answer("200 OK\r\nContent-Type: application/json\r\nVt-Instance: a", info);
            lock (random)
            {
                var body = good.ToArray();
                for (var k = random.Next(3); k > 0; k--)
                    body[random.Next(body.Length)] = (byte)random.Next(256);
                return AnsweringServer.Answer("200 OK\r\nVt-Instance: a", body[..random.Next(2, body.Length + 1)]);
            }
        });
        await using var store = await OpenImpatientlyAsync(server.Url);
        var (right, absent, failed) = (0, 0, 0);
        for (var i = 0; i < 3000; i++)
        {
            try
            {
                if (await TestBlock.IsInAsync(store, block))
                    right++;
                else
                    absent++;
            }
            catch (Exception fault) when (fault is BlockCorruptException or StoreUnavailableException)
            {
                failed++;
            }
        }

        Assert.True(right > 0 && failed > 1000, $"{right} right, {absent} absent, {failed} failed");
    }

    // Few milliseconds are enough for a thousand failures, but may not be for the first answer on a busy machine.
    static async Task<IBlockStore> OpenImpatientlyAsync(Uri url)
    {
        var settings = new HttpSettings(url) { Timeout = TimeSpan.FromMilliseconds(20) };
        for (var attempt = 0; attempt < 200; attempt++)
        {
            try
            {
                return await HttpStoreOpener.OpenAsync(settings, new StoreOpenOptions());
            }
            catch (StoreUnavailableException fault) when (fault.IsTransient)
            {
                // Again.
            }
        }

        return await HttpStoreOpener.OpenAsync(settings, new StoreOpenOptions());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"protocol":2,"hash":"blake3","chunking":{"rule":1,"minimum":1024,"average":4096,"maximum":16384},"is_complete":true,"is_writable":true}""")]
    [InlineData("""{"protocol":1,"hash":"md5","chunking":{"rule":1,"minimum":1024,"average":4096,"maximum":16384},"is_complete":true,"is_writable":true}""")]
    [InlineData("""{"protocol":1,"hash":"blake3","chunking":{"rule":1,"minimum":1024,"average":4096,"maximum":1638400000},"is_complete":true,"is_writable":true}""")]
    [InlineData("""{"protocol":1,"hash":"blake3","chunking":null,"is_complete":true,"is_writable":true}""")]
    [InlineData("""{"protocol":1,"hash":null,"is_complete":true,"is_writable":true}""")]
    public async Task A_server_that_describes_its_store_strangely_is_not_opened(string info)
    {
        await using var server = new AnsweringServer(_ => AnsweringServer.Answer("200 OK\r\nContent-Type: application/json\r\nVt-Instance: a", Encoding.UTF8.GetBytes(info)));

        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => HttpStoreOpener.OpenAsync(new HttpSettings(server.Url), new StoreOpenOptions()));

        Assert.False(fault.IsTransient);
    }

    [Fact]
    public async Task A_listing_that_is_cut_short_or_out_of_order_is_a_failure()
    {
        var info = Encoding.UTF8.GetBytes("""{"protocol":1,"hash":"blake3","chunking":{"rule":1,"minimum":1024,"average":4096,"maximum":16384},"is_complete":true,"is_writable":true}""");
        var hash = new byte[HttpWire.HashLength];
        hash[0] = (byte)HashAlgorithmId.Blake3;
        byte[][] wrong = [[], hash, [.. hash, 2], [1], [.. hash, .. hash, 0], [.. hash[1..], 0, 0]];
        foreach (var page in wrong)
        {
            await using var server = new AnsweringServer(first =>
                first.Contains("/s/info ", StringComparison.Ordinal)
                    ? AnsweringServer.Answer("200 OK\r\nContent-Type: application/json\r\nVt-Instance: a", info)
                    : AnsweringServer.Answer("200 OK", page));
            await using var store = await HttpStoreOpener.OpenAsync(new HttpSettings(server.Url) { Timeout = TimeSpan.FromMilliseconds(100) }, new StoreOpenOptions());
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await ((IBlockEnumeration)store).EnumerateAsync().ToArrayAsync());
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await ((IRefStore)store).ListAsync().ToArrayAsync());
        }
    }

    [Fact]
    public async Task Bytes_that_are_not_flushed_are_bounded_here()
    {
        var inner = new CountingStore(new MemoryStore());
        await using var bed = await HttpBed.StartAsync(inner);
        await using var store = await bed.OpenAsync();
        var random = new Random(Seed);
        var buffer = new byte[ChunkingParameters.LargestBlock];
        for (var i = 0; i < 70; i++)
        {
            random.NextBytes(buffer);
            await store.AddManyAsync(buffer, new[] { new BlockSlot(store.Hasher.Hash(buffer), 0, buffer.Length) });
        }

        Assert.InRange(inner.Flushes, 1, 4);
    }

    static Task<string> PostAsync(HttpBed bed, string path, string body) => PostAsync(bed, path, Encoding.UTF8.GetBytes(body));

    static async Task<string> PostAsync(HttpBed bed, string path, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body), Headers = { { HttpWire.ProtocolHeader, "1" } } };
        using var response = await bed.Client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    static HttpAddress FreeAddress()
    {
        using var socket = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        socket.Start();
        return new HttpAddress((System.Net.IPEndPoint)socket.LocalEndpoint, null);
    }

    static HttpServerOptions OptionsAt(HttpAddress address) => new() { Address = address, IsWritable = true };

    static Task<IBlockStore> OpenAtAsync(HttpAddress address) => HttpStoreOpener.OpenAsync(new HttpSettings(new Uri($"http://{address}/")) { Timeout = TimeSpan.FromSeconds(10) }, new StoreOpenOptions());
}
