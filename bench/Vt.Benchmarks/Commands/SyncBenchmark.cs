using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Config;
using Vt.Tests.Support;

namespace Vt.Benchmarks.Commands;

/// <summary>
/// Two stores of which one lacks a hundredth of the other's blocks, brought together over a unix socket with the bytes on it counted; and a tree brought to another
/// store, against rsync of the tree and restic copy. VT_BENCH_BLOCKS says how many blocks; a million by default.
/// </summary>
static class SyncBenchmark
{
    const int BlockSize = 64;
    const int BatchSize = 8192;
    const int MissingOf = 100;

    public static void Run(Bench bench)
    {
        var folder = bench.Fresh("sync");
        File.WriteAllText($"{folder}/vtrc", "");
        Stores(bench, folder);
        Trees(bench, folder);
        Directory.Delete(folder, recursive: true);
    }

    static void Stores(Bench bench, string folder)
    {
        var blocks = int.Parse(Environment.GetEnvironmentVariable("VT_BENCH_BLOCKS") ?? "1000000", CultureInfo.InvariantCulture);
        BuildAsync($"{folder}/full", blocks, isWhole: true).GetAwaiter().GetResult();
        BuildAsync($"{folder}/lacking", blocks, isWhole: false).GetAwaiter().GetResult();
        using var server = StartServer(bench, folder);
        using var relay = new CountingRelay($"{folder}/relay.sock", $"{folder}/vt.sock");
        var took = Command.Run($"{Vt(bench, folder, "lacking")} -q pull --all-blocks {folder}/relay.sock");
        var missing = (blocks / MissingOf) * (double)BlockSize;
        bench.Report.AtMost(
            $"pull where 1 % of {blocks / 1e6:0.#} M blocks is missing: on the line", relay.Take() / 1e6, "MB", ((missing * 1.01) + (10 << 20)) / 1e6, $"{missing / 1e6:0.0} MB are missing, a list has {blocks * 32 / 1e6:0} MB");
        bench.Report.Note("the same: time", took.ToString());
        took = Command.Run($"{Vt(bench, folder, "lacking")} -q pull --all-blocks {folder}/relay.sock");
        bench.Report.Note("pull where nothing is missing", $"{relay.Take() / 1e3:0.0} kB, {took}");
        server.Kill();
        server.WaitForExit();
        Command.Run($"rm -rf {folder}/full {folder}/lacking");
    }

    static void Trees(Bench bench, string folder)
    {
        var vt = Vt(bench, folder, "one");
        Command.Run($"{vt} -q init; {Vt(bench, folder, "two")} -q init; {vt} -q import {bench.Corpus}/v1 {folder}/a.vt");
        var first = Command.Run($"{vt} -q push {folder}/two {folder}/a.vt");
        Command.Run($"{vt} -q import {bench.Corpus}/v2 {folder}/a.vt");
        var second = Command.Run($"{vt} -q push {folder}/two {folder}/a.vt");
        bench.Report.Note("push of a tree to another folder", first.ToString(), Rsync(bench, folder, "v1"));
        bench.Report.Note("push of the next state", second.ToString(), Rsync(bench, folder, "v2"));
        if (!Command.Has("restic"))
            return;
        const string Keys = "RESTIC_PASSWORD=x RESTIC_FROM_PASSWORD=x";
        var restic = $"env {Keys} restic -q --no-cache";
        Command.Run($"{restic} -r {folder}/r1 init; {restic} -r {folder}/r2 init --from-repo {folder}/r1 --copy-chunker-params; {restic} -r {folder}/r1 backup {bench.Corpus}/v1");
        var copied = Command.Run($"{restic} -r {folder}/r2 copy --from-repo {folder}/r1");
        bench.Report.Note("the first again", first.ToString(), $"restic copy {copied}");
        Command.Run($"{restic} -r {folder}/r1 backup {bench.Corpus}/v2");
        copied = Command.Run($"{restic} -r {folder}/r2 copy --from-repo {folder}/r1");
        bench.Report.Note("the next again", second.ToString(), $"restic copy {copied}");
    }

    static string Rsync(Bench bench, string folder, string version) => Command.Has("rsync")
        ? $"rsync -a {Command.Run($"rsync -a --delete {bench.Corpus}/{version}/ {folder}/copy/")}"
        : "no rsync";

    static string Vt(Bench bench, string folder, string store) => $"env VT_STORE={folder}/{store} VT_CONFIG={folder}/vtrc XDG_DATA_HOME={folder}/data {bench.Vt}";

    static Process StartServer(Bench bench, string folder)
    {
        var start = new ProcessStartInfo(bench.Vt, ["-S", $"{folder}/full", "serve", $"{folder}/vt.sock"]) { RedirectStandardError = true };
        start.Environment["VT_CONFIG"] = $"{folder}/vtrc";
        var server = Process.Start(start)!;
        server.StandardError.ReadLine();
        return server;
    }

    static async Task BuildAsync(string path, int blocks, bool isWhole)
    {
        var settings = new DataDirSettings(path);
        StoreFactory.MakeDataDir(settings, HashAlgorithms.Default);
        await using var store = await StoreFactory.OpenAsync(settings, new StoreOpenOptions());
        var buffer = new byte[BlockSize * BatchSize];
        var slots = new List<BlockSlot>(BatchSize);
        for (var start = 0; start < blocks; start += BatchSize)
        {
            slots.Clear();
            for (var i = 0; i < BatchSize && start + i < blocks; i++)
            {
                if (!isWhole && (start + i) % MissingOf == 0)
                    continue;
                var block = buffer.AsSpan(i * BlockSize, BlockSize);
                for (var at = 0; at < BlockSize; at += 8)
                    BinaryPrimitives.WriteUInt64LittleEndian(block[at..], (ulong)(start + i) * (0x9e3779b97f4a7c15UL + (ulong)at));
                slots.Add(new BlockSlot(store.Hasher.Hash(block), i * BlockSize, BlockSize));
            }

            await store.AddManyAsync(buffer, slots.ToArray());
        }

        await store.FlushAsync();
    }
}
