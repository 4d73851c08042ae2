using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Config;
using Vt.Stores.DataDir;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Http;

/// <summary>What the contract of reading wants, stored, exported by vt static and handed out by nginx.</summary>
public sealed class NginxExport : IAsyncLifetime, IDisposable
{
    readonly TempFolder _folder = new();
    NginxServer? _nginx;

    /// <summary>Where the exported store is.</summary>
    public Uri Top => new(_nginx!.Top, "export/");

    /// <summary>Opens the exported store.</summary>
    public Task<IBlockStore> OpenAsync(int parallel = 8) =>
        StoreFactory.OpenAsync(new HttpSettings(Top) { Parallel = parallel, Timeout = TimeSpan.FromSeconds(5) }, new StoreOpenOptions { IsReadOnly = true });

    /// <summary>The file that a block is.</summary>
    public string FileOf(BlockHash hash) => Directory.GetFiles(_folder["export/h"], hash.ToString(), SearchOption.AllDirectories).Single();

    /// <summary>Ends nginx.</summary>
    public void StopNginx() => _nginx!.Dispose();

    public async Task InitializeAsync()
    {
        WebSite.Install("nginx-light");
        var vt = new VtCommand(_folder["home"]);
        vt.Succeed("init");
        await using (var store = DataDirStore.Open(vt.Store))
        {
            await TestBlock.AddAsync(store, [.. ReadingContract.Blocks]);
            await store.FlushAsync();
            foreach (var (name, value) in ReadingContract.References)
                Assert.True(await store.TryMoveAsync(name, null, value, "made"));
        }

        vt.Succeed("static", "-q", "--all", _folder["export"]);
        Shell.Succeed($"chmod 755 '{_folder.Path}'");
        _nginx = new NginxServer(_folder.Make("nginx"), "export/vt-store.json", ("export", _folder["export"]));
    }

    public Task DisposeAsync()
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _nginx?.Dispose();
        _nginx = null;
        _folder.Dispose();
    }
}
