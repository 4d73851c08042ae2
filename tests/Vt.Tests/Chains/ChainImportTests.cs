using System.Text;
using Vt.Blocks.Contracts;
using Vt.Stores.Faults;
using Vt.Tests.Support;
using Vt.Trees.Dirents;
using Vt.Trees.Export;
using Vt.Trees.Import;

namespace Vt.Tests.Chains;

/// <summary>
/// Imports and exports through chains with every fault at every layer. What was acknowledged is read back to the byte, then or when the fault is over, and lies in
/// every store that is to keep it; otherwise somebody was told.
/// </summary>
public sealed class ChainImportTests(SourceTree source) : IClassFixture<SourceTree>
{
    const string Reference = "branches/a";

    // How long a call with a fault that never ends is given before it is cancelled, and any call before it counts as stuck.
    static readonly TimeSpan _enough = TimeSpan.FromMilliseconds(60);
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public static TheoryData<string, string, string> EveryFaultAtEveryLayer()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var (chain, layer, isChecked) in ChainBed.Layers)
        {
            foreach (var fault in isChecked ? ChainFault.All : ChainFault.OfLast)
                data.Add(chain, layer, fault);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(EveryFaultAtEveryLayer))]
    public async Task What_an_import_acknowledged_is_there(string chain, string layer, string fault)
    {
        await Task.WhenAll(RunAsync(chain, layer, fault, pattern: 0), RunAsync(chain, layer, fault, pattern: 2)).WaitAsync(_patience);
    }

    async Task RunAsync(string chain, string layer, string fault, int pattern)
    {
        await using var bed = new ChainBed(chain, layer);
        Dirent? kept = null;
        var isMoved = (bool?)null;
        using (var enough = new CancellationTokenSource())
        {
            if (fault == nameof(FaultKind.Stuck))
                enough.CancelAfter(_enough);
            if (await TryAsync(() => bed.OpenAsync(ChainFault.Rules(fault, pattern)).WaitAsync(enough.Token)) is { } open)
            {
                await using (open)
                    (kept, isMoved) = await WorkAsync(bed, open.Store, enough.Token);
            }
        }

        await using (var open = await bed.OpenAsync())
        {
            await CatchUpAsync(open.Store);
            if (kept is not null)
            {
                Assert.True(await IsExportedAsync(open.Store, kept, bed["after"], default), "what was acknowledged is not there");
                await CheckReferenceAsync((IRefStore)open.Store, kept, isMoved);
            }

            var again = (await new Importer(open.Store).ImportAsync(Encoding.UTF8.GetBytes(source.Path), kept)).Root;
            if (kept?.Content != again.Content)
                Assert.True(await IsExportedAsync(open.Store, again, bed["again"], default), "what the second import acknowledged is not there");
            await CatchUpAsync(open.Store);
            kept = again;
        }

        foreach (var keeper in bed.Keepers())
        {
            await using (keeper)
                Assert.True(await IsExportedAsync(keeper, kept, bed[$"of {Guid.NewGuid():n}"], default), $"{keeper.Description} has not all of it");
        }
    }

    async Task<(Dirent? Kept, bool? IsMoved)> WorkAsync(ChainBed bed, IBlockStore store, CancellationToken cancellationToken)
    {
        Dirent? kept = null;
        for (var attempt = 0; attempt < 2 && kept is null; attempt++)
            kept = (await TryAsync(async () => await new Importer(store).ImportAsync(Encoding.UTF8.GetBytes(source.Path), cancellationToken: cancellationToken)))?.Root;
        if (kept is null)
            return (null, null);
        var isMoved = await TryAsync<object>(async () => await ((IRefStore)store).TryMoveAsync(Reference, null, ValueOf(kept), "imported", cancellationToken));
        await IsExportedAsync(store, kept, bed["meanwhile"], cancellationToken);
        return (kept, (bool?)isMoved);
    }

    static string ValueOf(Dirent root) => root.Content.ToString();

    static async Task CatchUpAsync(IBlockStore store)
    {
        if (store is IStoreLag lagging)
            await lagging.CatchUpAsync();
    }

    static async Task CheckReferenceAsync(IRefStore refs, Dirent root, bool? isMoved)
    {
        var value = await refs.ReadAsync(Reference);
        if (isMoved is { } isKnown)
            Assert.Equal(isKnown ? ValueOf(root) : null, value);
        Assert.Empty(await refs.ListAsync("conflict/").ToListAsync());
    }

    /// <summary>Exports and compares.</summary>
    /// <returns>False where it was told that something is missing.</returns>
    async Task<bool> IsExportedAsync(IBlockStore store, Dirent root, string folder, CancellationToken cancellationToken)
    {
        var result = await TryAsync(async () => await new Exporter(store).ExportAsync(root, root.Inodes, folder, cancellationToken: cancellationToken));
        if (result is null || result.IsPartial)
            return false;
        Assert.Empty(TreeComparer.Compare(source.Path, folder));
        return true;
    }

    static async Task<T?> TryAsync<T>(Func<Task<T>> call)
        where T : class
    {
        try
        {
            return await call();
        }
        catch (Exception fault) when (ChainFault.IsTold(fault))
        {
            return null;
        }
    }
}
