using System.Buffers.Binary;
using System.Net.Sockets;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Hosts.StreamServer;
using Vt.Stores.Memory;
using Vt.Stores.Streams;
using Vt.Stores.Streams.Protocol;
using Vt.Tests.Support;

namespace Vt.Tests.Streams;

public sealed class StreamHostileTests
{
    static readonly BlockHasher Hasher = HashAlgorithms.GetHasher(HashAlgorithms.Default);

    [Fact]
    public async Task What_is_no_frame_ends_the_connection_and_nothing_else()
    {
        await using var served = ServedStore.Start(() => new MemoryStore());
        await using var client = await served.OpenAsync();
        var random = new Random(1);
        for (var i = 0; i < 300; i++)
        {
            using var socket = await served.ConnectAsync();
            if (i % 3 != 0)
                await GreetAsync(socket);
            var junk = new byte[random.Next(1, 5000)];
            random.NextBytes(junk);
            if (i % 2 == 0)
                "VtS1"u8.CopyTo(junk.Length >= 4 ? junk : new byte[4]);
            await socket.SendAsync(junk);
            if (i % 5 != 0)
                socket.Shutdown(SocketShutdown.Send);
            else
                continue;
            await DrainAsync(socket);
        }

        Assert.Equal(1, (await TestBlock.AddAsync(client, TestBlock.Many(Hasher, 1, 1))).NewBlocks);
    }

    [Theory]
    [InlineData(uint.MaxValue, 0)]
    [InlineData(0, uint.MaxValue)]
    [InlineData(StreamLimits.LargestMeta + 1, 0)]
    [InlineData(0, StreamLimits.LargestBulk + 1)]
    public async Task A_frame_that_is_too_long_is_refused_before_memory_is_taken_for_it(uint meta, uint bulk)
    {
        await using var served = ServedStore.Start(() => new MemoryStore());
        using var socket = await served.ConnectAsync();
        await GreetAsync(socket);
        await socket.SendAsync(Header(StreamVerb.Add, meta, bulk));
        Assert.Equal(0, await DrainAsync(socket));
    }

    [Fact]
    public async Task A_long_frame_is_refused_of_who_has_not_shown_who_it_is()
    {
        await using var served = ServedStore.Start(() => new MemoryStore());
        using var socket = await served.ConnectAsync();
        await socket.SendAsync(Header(StreamVerb.Hello, StreamLimits.LargestGreeting, 0));
        Assert.Equal(0, await DrainAsync(socket));
    }

    [Fact]
    public async Task Requests_that_make_no_sense_are_answered_so()
    {
        await using var served = ServedStore.Start(() => new MemoryStore());
        using var socket = await served.ConnectAsync();
        await GreetAsync(socket);
        using var stream = new NetworkStream(socket);
        using var reader = new FrameReader(stream, waitsWithoutBuffer: true);
        var random = new Random(2);
        uint id = 1;
        foreach (var verb in Enumerable.Range(9, 40).Concat([200, 255]).Select(static number => (StreamVerb)number))
        {
            for (var i = 0; i < 20; i++, id++)
            {
                var meta = new byte[random.Next(0, 60)];
                random.NextBytes(meta);
                using var request = Frame.Make(verb, FrameFlags.None, id, meta, bulkLength: random.Next(0, 50));
                await stream.WriteAsync(request.Bytes);
                while (true)
                {
                    using var answer = await reader.ReadAsync(1 << 24, null, default) ?? throw new EndOfStreamException();
                    Assert.Equal(id, answer.Id);
                    if ((answer.Flags & FrameFlags.More) == 0)
                        break;
                }
            }
        }
    }

    [Fact]
    public async Task Blocks_under_wrong_names_are_refused()
    {
        var store = new MemoryStore();
        await using var served = ServedStore.Start(() => store);
        using var socket = await served.ConnectAsync();
        await GreetAsync(socket);
        using var stream = new NetworkStream(socket);
        using var reader = new FrameReader(stream, waitsWithoutBuffer: true);
        var name = Hasher.Hash("one thing"u8);
        using var lie = BlockList.Make(1, "another"u8, [new BlockSlot(name, 0, 7)]);
        await stream.WriteAsync(lie.Bytes);
        using var answer = await reader.ReadAsync(1 << 20, null, default);
        Assert.Equal(FrameFlags.Reply | FrameFlags.Fault, answer!.Flags);
        Assert.Equal(StreamFaultKind.Garbled, StreamFault.Read(answer.Meta).Kind);
        Assert.Equal(0, store.GetCapacity().Blocks);
    }

    [Fact]
    public async Task A_server_that_sends_wrong_blocks_is_not_believed()
    {
        var lying = new LyingStore(new MemoryStore());
        await using var served = ServedStore.Start(() => lying);
        await using var client = await served.OpenAsync();
        var block = TestBlock.Many(Hasher, 1, 1)[0];
        await TestBlock.AddAsync(client, block);
        var fault = await Assert.ThrowsAsync<BlockCorruptException>(() => TestBlock.IsInAsync(client, block));
        Assert.Equal(block.Hash, fault.Hash);
    }

    [Fact]
    public async Task A_client_that_reads_nothing_is_cut_off_and_holds_little()
    {
        var store = new MemoryStore();
        var blocks = TestBlock.Many(Hasher, 1, 64, 1_000_000);
        await TestBlock.AddAsync(store, blocks);
        var options = new StoreServerOptions { Patience = TimeSpan.FromSeconds(1), MostBytes = 24 << 20 };
        await using var served = ServedStore.Start(() => store, options: options);
        using var socket = await served.ConnectAsync();
        await GreetAsync(socket);
        using var meta = new ByteWriter();
        NameList.Write(meta, blocks.Select(block => block.Hash).ToArray());
        for (uint id = 1; id < 20; id++)
        {
            using var request = Frame.Make(StreamVerb.Get, FrameFlags.None, id, meta.Written);
            await socket.SendAsync(request.Bytes);
        }

        // Another one is served all the while, and the first is gone in the end.
        await using var client = await served.OpenAsync();
        foreach (var block in blocks[..4])
            Assert.True(await TestBlock.IsInAsync(client, block));
        await served.Server.WhenSessionsAsync(static count => count <= 1);
    }

    [Fact]
    public async Task More_clients_than_there_is_room_for_are_told_so_and_served_once_there_is()
    {
        var options = new StoreServerOptions { MostConnections = 3, MostGreetings = 100 };
        await using var served = ServedStore.Start(() => new MemoryStore(), options: options);
        var clients = new List<StreamStore>();
        for (var i = 0; i < 3; i++)
            clients.Add(await served.OpenAsync());
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => served.OpenAsync());
        Assert.Contains("3 clients are served already", fault.Message, StringComparison.Ordinal);
        Assert.True(fault.IsTransient);
        await clients[0].DisposeAsync();
        await served.Server.WhenSessionsAsync(static count => count <= 2);
        await (await served.OpenAsync()).DisposeAsync();
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_says_nothing_makes_room_for_who_shows_who_it_is(bool isTls)
    {
        var options = new StoreServerOptions { MostConnections = 3, MostGreetings = 5, Patience = TimeSpan.FromHours(1) };
        await using var served = ServedStore.Start(() => new MemoryStore(), isTls, options);
        var silent = new List<Socket>();
        for (var i = 0; i < 20; i++)
            silent.Add(await served.ConnectAsync());

        // Those who came first are gone by now, and as many as there is room for are still there.
        foreach (var socket in silent.Take(isTls ? 15 : 17))
            Assert.Equal(0, await DrainAsync(socket));
        var clients = new List<StreamStore>();
        for (var i = 0; i < 3; i++)
            clients.Add(await served.OpenAsync());
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => served.OpenAsync());
        Assert.Contains("3 clients are served already", fault.Message, StringComparison.Ordinal);
        foreach (var client in clients)
        {
            await TestBlock.AddAsync(client, TestBlock.Many(Hasher, 1, 1));
            await client.DisposeAsync();
        }

        await served.Server.WhenSessionsAsync(static count => count == 0);
        foreach (var socket in silent)
            socket.Dispose();
    }

    static byte[] Header(StreamVerb verb, uint meta, uint bulk)
    {
        var header = new byte[Frame.HeaderLength];
        "VtS1"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), meta);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), bulk);
        header[16] = (byte)verb;
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(20), Crc32C.Compute(header.AsSpan(0, 20)));
        return header;
    }

    static async Task GreetAsync(Socket socket)
    {
        using var meta = new ByteWriter();
        new Hello(1, 1, Guid.NewGuid(), "", "somebody", new byte[Hello.NonceLength]).Write(meta);
        using var hello = Frame.Make(StreamVerb.Hello, FrameFlags.None, 0, meta.Written);
        await socket.SendAsync(hello.Bytes);
        var welcome = new byte[Frame.HeaderLength];
        await ReceiveExactlyAsync(socket, welcome);
        await ReceiveExactlyAsync(socket, new byte[BinaryPrimitives.ReadInt32LittleEndian(welcome.AsSpan(4))]);
    }

    static async Task ReceiveExactlyAsync(Socket socket, byte[] buffer)
    {
        for (var got = 0; got < buffer.Length;)
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(got));
            Assert.NotEqual(0, count);
            got += count;
        }
    }

    /// <summary>How many bytes come before the other side ends the connection.</summary>
    static async Task<long> DrainAsync(Socket socket)
    {
        var buffer = new byte[4096];
        long all = 0;
        try
        {
            while (await socket.ReceiveAsync(buffer) is var count and > 0)
                all += count;
        }
        catch (SocketException)
        {
            // Ended roughly, with what was sent unread.
        }

        return all;
    }

    sealed class LyingStore(IBlockStore inner) : DelegatingStore(inner)
    {
        public override async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
        {
            await base.GetManyAsync(hashes, blocks, cancellationToken);
            for (var i = 0; i < hashes.Length; i++)
            {
                var bytes = blocks.Span[i].Memory.ToArray();
                bytes[0] ^= 1;
                blocks.Span[i] = new BlockLease(bytes, null);
            }
        }
    }
}
