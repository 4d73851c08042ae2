using Vt.Stores.Faults;

namespace Vt.Tests.Chains;

/// <summary>
/// Live file systems on chains with every fault at every layer: what an fsync or a checkpoint acknowledged is read back to the byte by the next mount, whether this
/// one ended in order or was killed; a read gives the right bytes or an error; whatever is stuck, it ends.
/// </summary>
public sealed class ChainLiveTests
{
    static readonly TimeSpan _enough = TimeSpan.FromMilliseconds(60);
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    static readonly byte[] _before = SourceTree.Bytes(11, 400_000);

    public static TheoryData<string, string, string> EveryFaultAtEveryLayer() => ChainImportTests.EveryFaultAtEveryLayer();

    [Theory]
    [MemberData(nameof(EveryFaultAtEveryLayer))]
    public async Task What_was_acknowledged_is_there_for_the_next_mount(string chain, string layer, string fault)
    {
        await Task.WhenAll(RunAsync(chain, layer, fault, pattern: 0), RunAsync(chain, layer, fault, pattern: 2)).WaitAsync(_patience);
    }

    static async Task RunAsync(string chain, string layer, string fault, int pattern)
    {
        await using var bed = new ChainBed(chain, layer);
        var acknowledged = new Dictionary<string, byte[]> { ["before"] = _before };
        await using (var open = await bed.OpenAsync())
        {
            await using var files = await ChainFiles.OpenAsync(open.Store, bed["live.vt"], default);
            Assert.True(await files.TryWriteAsync("before", _before));
        }

        bed.DropCaches();
        using (var enough = new CancellationTokenSource())
        {
            if (fault == nameof(FaultKind.Stuck))
                enough.CancelAfter(_enough);
            try
            {
                await using var open = await bed.OpenAsync(ChainFault.Rules(fault, pattern)).WaitAsync(enough.Token);
                await WorkAsync(bed, open, acknowledged, enough.Token);
            }
            catch (Exception told) when (ChainFault.IsTold(told))
            {
                // It can't be opened now.
            }
        }

        await using (var open = await bed.OpenAsync())
        {
            // The one that was killed had its log where it was; the state of the one that ended in order is the newest.
            foreach (var archive in (string[])["live.vt", "killed.vt"])
            {
                if (!File.Exists(bed[archive]))
                    continue;
                await using var files = await ChainFiles.OpenAsync(open.Store, bed[archive], default);
                foreach (var (name, content) in acknowledged)
                {
                    if (archive == "live.vt" || !name.StartsWith("late", StringComparison.Ordinal))
                        Assert.Equal(content, await files.TryReadAsync(name, default));
                }
            }
        }
    }

    static async Task WorkAsync(ChainBed bed, OpenChain open, Dictionary<string, byte[]> acknowledged, CancellationToken cancellationToken)
    {
        var files = await ChainFiles.OpenAsync(open.Store, bed["live.vt"], cancellationToken);
        try
        {
            if (await files.TryReadAsync("before", cancellationToken) is { } read)
                Assert.Equal(_before, read);
            await files.TryWriteAsync("small", SourceTree.Bytes(12, 900));
            await files.TryWriteAsync("large", SourceTree.Bytes(13, 300_000));

            // What is in the log is safe whatever the store does.
            for (var attempt = 0; attempt < 2; attempt++)
                await files.TryFsyncAsync(CancellationToken.None);
            await TryCheckpointAsync(files, cancellationToken);
            await TryCheckpointAsync(files, cancellationToken);
            bed.CopyArchive("live.vt", "killed.vt");
            await files.TryWriteAsync("late", SourceTree.Bytes(14, 200_000));
            for (var attempt = 0; attempt < 2; attempt++)
                await files.TryFsyncAsync(CancellationToken.None);
            if (await files.TryReadAsync("large", cancellationToken) is { } again)
                Assert.Equal(SourceTree.Bytes(13, 300_000), again);
        }
        finally
        {
            await files.DisposeAsync();
        }

        foreach (var (name, content) in files.Acknowledged)
            acknowledged[name] = content;
        Assert.Equal(files.Taken, files.Acknowledged.Keys);
        Assert.True(files.IsAllStored || files.Log.Count > 0, "not all is stored, and nobody was told");
    }

    static async Task TryCheckpointAsync(ChainFiles files, CancellationToken cancellationToken)
    {
        try
        {
            await files.CheckpointAsync(cancellationToken);
        }
        catch (Exception told) when (ChainFault.IsTold(told) || told is IOException)
        {
            // It stays in the log.
        }
    }
}
