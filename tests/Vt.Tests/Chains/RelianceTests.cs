using Vt.Blocks.Contracts;
using Vt.Hosts.HttpServer;
using Vt.Stores.Cache;
using Vt.Stores.Chains;
using Vt.Stores.Config;
using Vt.Stores.Http;
using Vt.Stores.Memory;
using Vt.Stores.Progress;
using Vt.Stores.Proxy;
using Vt.Stores.Streams.Protocol;
using Vt.Tests.Streams;
using Vt.Tests.Support;

namespace Vt.Tests.Chains;

/// <summary>A server at a socket that may be written to.</summary>
public class StreamRelianceTests : RelianceContract
{
    ServedStore? _served;

    private protected virtual ExportAccess Access => ExportAccess.ReadWrite;

    protected virtual int Lines => 1;

    protected override Task<IBlockStore> OpenAsync()
    {
        _served = ServedStore.Start(OpenFar, access: Access);
        return OpenClientAsync(_served);
    }

    protected override async Task LoseAsync()
    {
        await _served!.EndAsync();
        _served.Begin();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _served!.DisposeAsync();
    }

    async Task<IBlockStore> OpenClientAsync(ServedStore served) => await served.OpenAsync(served.ClientOptions with { Lines = Lines });
}

/// <summary>Several lines to it.</summary>
public sealed class StreamLinesRelianceTests : StreamRelianceTests
{
    protected override int Lines => 3;
}

/// <summary>One that may only be added to.</summary>
public sealed class AppendOnlyStreamRelianceTests : StreamRelianceTests
{
    private protected override ExportAccess Access => ExportAccess.AppendOnly;
}

/// <summary>One that may only be read: it is relied on all the same, by a proxy that writes elsewhere.</summary>
public sealed class ReadOnlyStreamRelianceTests : StreamRelianceTests
{
    private protected override ExportAccess Access => ExportAccess.ReadOnly;
}

/// <summary>A web server that may be written to.</summary>
public class HttpRelianceTests : RelianceContract
{
    readonly TempFolder _folder = new(inMemory: true);
    VtHttpServer? _server;

    protected virtual bool IsWritable => true;

    protected virtual bool IsOpenedToRead => false;

    protected override async Task<IBlockStore> OpenAsync()
    {
        await BeginAsync();
        var settings = new HttpSettings(new Uri("http://localhost/")) { Socket = _folder["socket"], Timeout = TimeSpan.FromSeconds(10) };
        return await HttpStoreOpener.OpenAsync(settings, new StoreOpenOptions { IsReadOnly = IsOpenedToRead });
    }

    protected override async Task LoseAsync()
    {
        await _server!.DisposeAsync();
        await Far.DisposeAsync();
        await BeginAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _server!.DisposeAsync();
        _folder.Dispose();
    }

    async Task BeginAsync() => _server = await VtHttpServer.StartAsync(
        OpenFar(), new HttpServerOptions { Address = HttpAddress.Parse($"unix:{_folder["socket"]}", static path => path), IsWritable = IsWritable, Drain = TimeSpan.FromSeconds(5) });
}

/// <summary>One that may only be read.</summary>
public sealed class ReadOnlyHttpRelianceTests : HttpRelianceTests
{
    protected override bool IsWritable => false;
}

/// <summary>One that may be written to, but not by this client.</summary>
public sealed class ReadingHttpRelianceTests : HttpRelianceTests
{
    protected override bool IsOpenedToRead => true;
}

/// <summary>A part of a chain that is opened anew when it refuses to write.</summary>
public class LateRelianceTests : RelianceContract
{
    protected override async Task<IBlockStore> OpenAsync() => await OpenLateAsync();

    protected override Task LoseAsync()
    {
        Far.Lose();
        return Task.CompletedTask;
    }

    // Only a write that fails shows that something is wrong.
    protected override async ValueTask FlushOrOpenAnewAsync()
    {
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await Store.FlushAsync());
        await Store.FlushAsync();
    }

    private protected async Task<LateStore> OpenLateAsync()
    {
        var late = new LateStore("late", _ => Task.FromResult(OpenFar()), TimeProvider.System);
        await late.OpenAsync(CancellationToken.None);
        return late;
    }
}

/// <summary>A store that only counts.</summary>
public sealed class ProgressRelianceTests : LateRelianceTests
{
    protected override async Task<IBlockStore> OpenAsync() => new ProgressStore(await OpenLateAsync());
}

/// <summary>A cache.</summary>
public sealed class CacheRelianceTests : LateRelianceTests
{
    readonly TempFolder _folder = new(inMemory: true);

    protected override async Task<IBlockStore> OpenAsync() => new CacheStore(_folder["cache"], await OpenLateAsync(), new CacheOptions { MostBytes = CacheOptions.SmallestSize });

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>A cache that writes back: what is behind it is as durable as it says when it says so, since it may be out of reach when a flush is asked for.</summary>
public sealed class WritebackRelianceTests : LateRelianceTests
{
    readonly TempFolder _folder = new(inMemory: true);

    protected override async Task<IBlockStore> OpenAsync() => new CacheStore(
        _folder["queue"], await OpenLateAsync(), new CacheOptions { MostBytes = CacheOptions.SmallestSize, IsWriteback = true, SendDelay = TimeSpan.FromDays(1), Linger = TimeSpan.Zero });

    protected override ValueTask FlushOrOpenAnewAsync() => Store.FlushAsync();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>The store that a proxy saves to.</summary>
public sealed class ProxyRelianceTests : LateRelianceTests
{
    protected override async Task<IBlockStore> OpenAsync()
    {
        var far = await OpenLateAsync();
        return new ProxyStore(new ProxyRoles { Save = [far], Read = [far] });
    }
}

/// <summary>A store that a proxy reads besides, and whose word it takes.</summary>
public sealed class ProxyReadRelianceTests : LateRelianceTests
{
    protected override async Task<IBlockStore> OpenAsync()
    {
        var (far, mine) = (await OpenLateAsync(), new MemoryStore());
        return new ProxyStore(new ProxyRoles { Save = [mine], Read = [mine, far] });
    }
}
