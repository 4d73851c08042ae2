using Vt.Blocks.Contracts;
using Vt.Hosts.HttpServer;
using Vt.Stores.Config;
using Vt.Stores.Http;
using Vt.Tests.Streams;

namespace Vt.Tests.Chains;

/// <summary>A server in a random chain, which can be killed and is started again at the same address.</summary>
/// <param name="isWeb">Whether it speaks HTTP.</param>
/// <param name="socket">Where a web server listens.</param>
/// <param name="make">Opens its store, for a process.</param>
/// <param name="patience">How long clients that come now wait for it.</param>
sealed class ChainServer(bool isWeb, string socket, Func<MortalProcess, Task<IBlockStore>> make, Func<TimeSpan> patience) : IAsyncDisposable
{
    static readonly TimeSpan _drain = TimeSpan.FromMilliseconds(100);

    // Held while it is started or killed.
    readonly SemaphoreSlim _changing = new(1);
    ServedStore? _served;
    VtHttpServer? _web;
    IBlockStore? _webStore;

    /// <summary>The process that serves now.</summary>
    public MortalProcess Process { get; private set; } = new();

    /// <summary>Starts it where it does not run.</summary>
    public async Task StartAsync()
    {
        await _changing.WaitAsync();
        try
        {
            if (_web is not null || _served is { IsServing: true })
                return;
            Process = new MortalProcess();
            await BeginAsync();
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Ends it, and all that it had not made durable.</summary>
    public async Task KillAsync()
    {
        Process.KillAfter(0);
        await _changing.WaitAsync();
        try
        {
            await EndAsync();
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>One more client.</summary>
    public async Task<IBlockStore> OpenAsync() => isWeb
        ? await HttpStoreOpener.OpenAsync(new HttpSettings(new Uri("http://localhost/")) { Socket = socket, Timeout = patience() }, new StoreOpenOptions())
        : await _served!.OpenAsync(_served.ClientOptions with { Patience = patience() });

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_served is not null)
            await _served.DisposeAsync();
    }

    async Task BeginAsync()
    {
        if (isWeb)
        {
            _webStore ??= await make(Process);
            var options = new HttpServerOptions { Address = HttpAddress.Parse($"unix:{socket}", static path => path), IsWritable = true, Drain = _drain };
            _web = await VtHttpServer.StartAsync(_webStore, options);
        }
        else if (_served is null)
        {
            _served = ServedStore.Start(() => make(Process));
        }
        else
        {
            _served.Begin();
        }
    }

    async Task EndAsync()
    {
        if (_served is not null)
            await _served.EndAsync();
        if (_web is not null)
            await _web.DisposeAsync();
        if (_webStore is not null)
            await _webStore.DisposeAsync();
        (_web, _webStore) = (null, null);
    }
}
