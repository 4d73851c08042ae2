using System.Numerics;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Disk;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;
using Vt.Stores.DataDir.Refs;
using Vt.Stores.DataDir.Text;

namespace Vt.Stores.DataDir.Inspection;

/// <summary>
/// Looks at a DataDir without opening it as a store: what it has, and whether all of it is sound. Changes nothing, needs no index, and may run
/// while others write.
/// </summary>
/// <param name="path">The DataDir's folder.</param>
public sealed class DataDirInspector(string path)
{
    const int SizeClasses = 64;
    const int BlockClasses = 22;

    readonly DataDirLayout _layout = new(path);

    /// <summary>Counts what is there. Damaged packs are left out of the sums; <see cref="VerifyAsync"/> tells more.</summary>
    /// <exception cref="UserErrorException">There is no DataDir.</exception>
    /// <exception cref="FormatInvalidException">The config is damaged.</exception>
    /// <exception cref="StoreUnavailableException">It can't be read.</exception>
    public DataDirInfo GetInfo(CancellationToken cancellationToken = default)
    {
        try
        {
            return CountAll(DataDirFiles.ReadConfig(_layout), cancellationToken);
        }
        catch (IOException failed)
        {
            throw new StoreUnavailableException($"datadir {path}", failed.Message, isTransient: false, failed);
        }
    }

    /// <summary>
    /// Reads every byte of every file and checks it, packs on all processors. Damage is reported, never thrown. Blocks that have no
    /// sound copy are noted in the store, where it can be written, so that they are stored again when somebody offers them.
    /// </summary>
    /// <param name="progress">Told now and then, from any thread; null for nobody.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="UserErrorException">There is nothing like a DataDir.</exception>
    public async Task<VerifyReport> VerifyAsync(IProgress<VerifyProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (!Directory.Exists(_layout.Packs) && !File.Exists(_layout.Config))
            throw new UserErrorException($"{path} is no DataDir");
        var report = await Task.Run(() => Verify(progress, cancellationToken), cancellationToken);
        if (report.Faults.Any(fault => fault.Affected.Count > 0))
            await NoteDamageAsync(report, cancellationToken);
        return report;
    }

    /// <summary>Drops the index and makes it anew from the packs.</summary>
    /// <exception cref="UserErrorException">There is no DataDir, or nothing may be written.</exception>
    /// <exception cref="StoreUnavailableException">It can't be read or written.</exception>
    public async Task ReindexAsync(CancellationToken cancellationToken = default)
    {
        await using var store = DataDirStore.Open(path, cancellationToken: cancellationToken);
        try
        {
            await store.RebuildIndexAsync(cancellationToken);
        }
        catch (IOException failed)
        {
            throw new StoreUnavailableException($"datadir {path}", failed.Message, isTransient: false, failed);
        }
    }

    /// <summary>Reads the blocks that suffer: a store that may write notes those of which it finds no sound copy.</summary>
    async ValueTask NoteDamageAsync(VerifyReport report, CancellationToken cancellationToken)
    {
        try
        {
            await using var store = DataDirStore.Open(path, cancellationToken: cancellationToken);
            foreach (var hash in report.Faults.SelectMany(fault => fault.Affected))
                await store.NoteDamageAsync(hash, cancellationToken);
        }
        catch (Exception e) when (e is UserErrorException or StoreUnavailableException or StoreFullException or FormatInvalidException or IOException)
        {
            // A folder that can't be opened has worse faults, and they were found.
        }
    }

    DataDirInfo CountAll(DataDirConfig config, CancellationToken cancellationToken)
    {
        var scratch = new FaultList(path);
        var text = new TextVerifier(_layout, scratch);
        var listed = PackListing.Read(_layout);
        var catalogue = text.VerifyCatalogue();
        var listing = listed.With(_layout, catalogue.Packs);
        var blockSizes = new long[BlockClasses];
        var packSizes = new long[SizeClasses];
        long blocks = 0, trees = 0, raw = 0, bytes = 0;
        foreach (var (pack, file) in PathsOf(listing))
        {
            scratch.Try(file, () =>
            {
                using var opened = PosixFile.Open(file, OpenFlags.O_RDONLY);
                var length = PosixFile.Fstat(opened).Size;
                bytes += length;
                packSizes[SizeClass(length)]++;
                using var scanner = new PackScanner(
                    opened, PackHeader.SeedOf(pack), PackHeader.Size, Math.Max(PackHeader.Size, EndOf(opened, length)), checkPayloads: false);
                while (scanner.MoveNext(cancellationToken))
                {
                    raw += scanner.Frame.Header.RawSize;
                    for (var i = 0; i < scanner.Frame.Header.Blocks; i++)
                    {
                        var block = FrameBlock.Read(FrameHeader.Row(scanner.Header, i), config.Hash);
                        blocks++;
                        trees += block.Content == BlockContent.Tree ? 1 : 0;
                        blockSizes[SizeClass(block.Length)]++;
                    }
                }
            });
        }

        var missing = new HashSet<PackId>(catalogue.Packs);
        missing.ExceptWith(listing.Closed);
        missing.ExceptWith(listing.Open);
        var disk = new DiskWriter(new WriteBoundary(null), new WriteFailure(path));
        var refs = new RefFiles(_layout, new Catalogue(_layout.Catalogue, disk, TimeProvider.System), disk, TimeProvider.System);
        var references = 0;
        scratch.Try(_layout.Refs, () => references = refs.List("").Count);
        return new DataDirInfo
        {
            Config = config,
            ClosedPacks = listing.Closed.Count,
            OpenPacks = listing.Open.Count,
            MissingPacks = missing.Count,
            DoubtedPacks = listing.Doubted.Count(pack => listing.Closed.Contains(pack) || listing.Open.Contains(pack)),
            Blocks = blocks,
            TreeBlocks = trees,
            RawBytes = raw,
            PackBytes = bytes,
            IndexBytes = RunFiles().Sum(run => PosixFile.TryStat(run, out var status) == 0 ? status.Size : 0),
            References = references,
            DamagedBlocks = DamagedList.Open(_layout.Damaged, disk: null).Blocks.Count,
            Added = catalogue.Added,
            BlockSizes = blockSizes,
            PackSizes = packSizes,
        };
    }

    VerifyReport Verify(IProgress<VerifyProgress>? progress, CancellationToken cancellationToken)
    {
        var faults = new FaultList(path);
        var config = new DataDirConfig();
        var hasConfig = faults.Try(_layout.Config, () => config = DataDirFiles.ReadConfig(_layout));
        var text = new TextVerifier(_layout, faults);
        var listing = PackListing.None;

        // The folder first: a pack is in the catalogue before it is closed.
        faults.Try(_layout.Packs, () => listing = PackListing.Read(_layout));
        var catalogue = text.VerifyCatalogue();
        listing = listing.With(_layout, catalogue.Packs);
        if (!hasConfig)
            config = ConfigFromPacks(config, listing);
        VerifyListing(config, catalogue, listing, faults);
        var packs = PathsOf(listing);
        var meter = new VerifyMeter(progress, faults, packs.Sum(pack => PosixFile.TryStat(pack.Path, out var status) == 0 ? status.Size : 0));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.ForEach(packs, parallel, pack => VerifyPack(config, catalogue, pack.Pack, pack.Path, faults, meter, cancellationToken));
        foreach (var run in RunFiles())
            faults.Try(run, () => VerifyRun(config, run, cancellationToken));
        text.VerifyDamaged();
        var references = text.VerifyRefs(catalogue);
        meter.Report();
        return new VerifyReport
        {
            Faults = faults.Faults,
            Notes = faults.Notes,
            Packs = packs.Count,
            Blocks = meter.Blocks,
            Bytes = meter.Bytes,
            References = references,
        };
    }

    /// <summary>What is needed of a lost config, as pack headers have it.</summary>
    DataDirConfig ConfigFromPacks(DataDirConfig config, PackListing listing)
    {
        foreach (var (_, file) in PathsOf(listing))
        {
            if (PosixFile.TryOpen(file, OpenFlags.O_RDONLY, 0, out var opened) != 0)
                continue;
            using (opened)
            {
                var bytes = new byte[PackHeader.Size];
                try
                {
                    var header = PackHeader.Read(bytes.AsSpan(0, PosixFile.PreadUpTo(opened, bytes, 0)));
                    if (header.Store == default)
                        continue; // a pack for any store
                    return config with { Id = header.Store.ToString(), Hash = header.Hash };
                }
                catch (FormatInvalidException)
                {
                    // The next pack may do; this one is reported when it is read.
                }
            }
        }

        return config;
    }

    void VerifyListing(DataDirConfig config, CatalogueState catalogue, PackListing listing, FaultList faults)
    {
        foreach (var pack in catalogue.Packs)
        {
            if (!listing.Closed.Contains(pack) && !listing.Open.Contains(pack))
                faults.Add(_layout.ClosedPack(pack), 0, "the pack is missing", BlocksOf(config, pack));
        }

        foreach (var pack in listing.Closed)
        {
            if (!catalogue.Packs.Contains(pack))
                faults.Add(_layout.ClosedPack(pack), 0, "the pack is not in the catalogue");
        }
    }

    /// <summary>What the index still knows of a pack that is gone.</summary>
    List<BlockHash> BlocksOf(DataDirConfig config, PackId pack)
    {
        var blocks = new List<BlockHash>();
        var scratch = new FaultList(path);
        foreach (var file in RunFiles())
        {
            scratch.Try(file, () =>
            {
                var run = Run.Open(new RunPlace(file, 0, PosixFile.Stat(file).Size), config.Hash, isPackRun: false);
                try
                {
                    for (long i = 0; i < run.Count; i++)
                    {
                        var entry = run.EntryAt(i);
                        if (run.PackOf(entry).Id == pack)
                            blocks.Add(entry.Key.ToHash(config.Hash));
                    }
                }
                finally
                {
                    run.Release();
                }
            });
        }

        return blocks;
    }

    void VerifyPack(
        DataDirConfig config, CatalogueState catalogue, PackId pack, string file, FaultList faults, VerifyMeter meter, CancellationToken cancellationToken)
    {
        faults.Try(file, () =>
        {
            // It may have been closed since the folder was listed.
            if (!File.Exists(file))
                file = _layout.ClosedPack(pack);
            var isOpen = file.EndsWith(DataDirLayout.OpenSuffix, StringComparison.Ordinal);
            using var verifier = new PackVerifier(pack, file, isOpen, config, faults, lost => BlocksOf(config, lost));
            verifier.Verify(
                isOpen || !catalogue.Closed.TryGetValue(pack, out var length) ? null : length, meter.Advance, cancellationToken);
        });
    }

    static void VerifyRun(DataDirConfig config, string file, CancellationToken cancellationToken)
    {
        // Merged away since the folder was listed.
        if (!File.Exists(file))
            return;

        // Once by reading: what the disk can't give is an error here, and would be this process's end in a map.
        using (var opened = PosixFile.Open(file, OpenFlags.O_RDONLY))
            PackContents.CheckOf(opened, 0, PosixFile.Fstat(opened).Size);
        var run = Run.Open(new RunPlace(file, 0, PosixFile.Stat(file).Size), config.Hash, isPackRun: false);
        try
        {
            run.Verify(cancellationToken);
        }
        finally
        {
            run.Release();
        }
    }

    List<(PackId Pack, string Path)> PathsOf(PackListing listing) =>
    [
        .. listing.Closed.Order().Select(pack => (pack, _layout.ClosedPack(pack))),
        .. listing.Open.Order().Select(pack => (pack, _layout.OpenPack(pack))),
    ];

    List<string> RunFiles()
    {
        try
        {
            return [.. Directory.EnumerateFiles(_layout.Index, "*.run").Order(StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    static long EndOf(FileDescriptor file, long length)
    {
        try
        {
            return PackTrailer.Read(file, length).ContentsOffset;
        }
        catch (FormatInvalidException)
        {
            return length;
        }
    }

    static int SizeClass(long size) => 64 - BitOperations.LeadingZeroCount((ulong)size);
}
