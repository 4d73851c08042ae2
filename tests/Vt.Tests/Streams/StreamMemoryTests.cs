using System.Net.Sockets;
using Vt.Blocks.Hashing;
using Vt.Hosts.StreamServer;
using Vt.Stores.Memory;
using Vt.Tests.Support;

namespace Vt.Tests.Streams;

[Collection(AloneCollection.Name)]
public sealed class StreamMemoryTests
{
    [Fact]
    public async Task Thousands_who_say_nothing_take_next_to_no_memory_and_keep_nobody_out_for_long()
    {
        var options = new StoreServerOptions { MostConnections = 2000, MostGreetings = 2000, Patience = TimeSpan.FromSeconds(60) };
        await using var served = ServedStore.Start(() => new MemoryStore(), options: options);
        var sockets = new List<Socket>();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 1500; i++)
            sockets.Add(await served.ConnectAsync());
        await served.Server.WhenSessionsAsync(static count => count >= 1500);
        await using (var client = await served.OpenAsync())
            await TestBlock.AddAsync(client, TestBlock.Many(HashAlgorithms.GetHasher(HashAlgorithms.Default), 1, 1));
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1500;
        Assert.InRange(each, -1 << 20, 16 << 10);
        foreach (var socket in sockets)
            socket.Dispose();
    }
}
