using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir;
using Vt.Stores.DataDir.Inspection;
using Vt.Tests.Support;

namespace Vt.Tests.DataDir;

/// <summary>Seeded damage to every kind of file: verification finds it, nothing crashes, and what it did not hit can be read.</summary>
public sealed class DamageTests : IAsyncLifetime, IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly TestBlock[] _blocks = TestBlock.Many(HashAlgorithms.GetHasher(HashAlgorithms.Default), 11, 150, 24_000);

    string Sound => _folder["sound"];

    public async Task InitializeAsync()
    {
        DataDirStore.Initialise(Sound, new DataDirConfig { PackSize = DataDirConfig.SmallestPack });
        for (var session = 0; session < 3; session++)
        {
            await using var store = DataDirStore.Open(Sound);
            await TestBlock.AddAsync(store, _blocks[(session * 50)..((session + 1) * 50)]);
            await store.FlushAsync();
            Assert.True(await store.TryMoveAsync("branch/main", session == 0 ? null : $"{session - 1}", $"{session}", "a note"));
            Assert.True(await store.TryMoveAsync($"live{session}", null, "value", ""));
        }

        await new DataDirInspector(Sound).ReindexAsync();
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(Sound, "index"), "*.run"));
        var report = await new DataDirInspector(Sound).VerifyAsync();
        Assert.Empty(report.Faults);
        Assert.Equal(150, report.Blocks);
        Assert.Equal(4, report.References);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("config")]
    [InlineData("catalogue")]
    [InlineData("packs")]
    [InlineData("refs")]
    [InlineData("index")]
    public async Task Damage_is_found_and_costs_only_what_it_hit(string kind)
    {
        for (var seed = 0; seed < 24; seed++)
        {
            var copy = _folder[$"{kind}{seed}"];
            Copy(Sound, copy);
            var random = new Random(seed);
            var what = Damage(copy, kind, random);
            var report = await new DataDirInspector(copy).VerifyAsync();
            Assert.True(report.Faults.Count > 0 || (kind == "index" && what.StartsWith("delete", StringComparison.Ordinal)), $"seed {seed}: {what} was not found");
            if (kind != "config")
                await ReadAllAsync(copy, report, $"seed {seed}: {what}", kind);
            Directory.Delete(copy, recursive: true);
        }
    }

    [Fact]
    public async Task A_missing_pack_is_named_and_healed_by_the_next_import()
    {
        var pack = Directory.GetFiles(Path.Combine(Sound, "packs"))[0];
        File.Delete(pack);
        var lost = (await new DataDirInspector(Sound).VerifyAsync()).Faults.Single();
        Assert.Equal((Path.Combine("packs", Path.GetFileName(pack)), "the pack is missing"), (lost.File, lost.What));
        Assert.NotEmpty(lost.Affected);
        await using (var store = DataDirStore.Open(Sound))
        {
            var present = new bool[_blocks.Length];
            await store.ContainsManyAsync(_blocks.Select(block => block.Hash).ToArray(), present);
            for (var i = 0; i < _blocks.Length; i++)
            {
                Assert.Equal(!lost.Affected.Contains(_blocks[i].Hash), present[i]);
                if (present[i])
                {
                    Assert.True(await TestBlock.IsInAsync(store, _blocks[i]));
                    continue;
                }

                var damage = await Assert.ThrowsAsync<BlockCorruptException>(async () => await store.GetAsync(_blocks[i].Hash));
                Assert.Contains("the pack is missing", damage.Message, StringComparison.Ordinal);
                Assert.Contains(Path.GetFileNameWithoutExtension(pack), damage.Message, StringComparison.Ordinal);
            }

            Assert.Equal(lost.Affected.Count, (await TestBlock.AddAsync(store, _blocks)).NewBlocks);
            foreach (var block in _blocks)
                Assert.True(await TestBlock.IsInAsync(store, block));
        }

        await using var reopened = DataDirStore.Open(Sound);
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(reopened, block));
        Assert.Equal(0, (await TestBlock.AddAsync(reopened, _blocks)).NewBlocks);
    }

    [Fact]
    public async Task A_missing_pack_is_noticed_without_an_index_too()
    {
        var pack = Directory.GetFiles(Path.Combine(Sound, "packs"))[0];
        File.Delete(pack);
        Directory.Delete(Path.Combine(Sound, "index"), recursive: true);
        Assert.Contains((await new DataDirInspector(Sound).VerifyAsync()).Faults, fault => fault.What == "the pack is missing");
        await using var store = DataDirStore.Open(Sound);
        await TestBlock.AddAsync(store, _blocks);
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(store, block));
    }

    [Fact]
    public async Task A_reference_that_is_gone_is_noticed()
    {
        File.Delete(Path.Combine(Sound, "refs", "branch%main"));
        var fault = (await new DataDirInspector(Sound).VerifyAsync()).Faults.Single();
        Assert.Equal("reference branch/main is missing", fault.What);
    }

    [Fact]
    public async Task A_reference_that_is_not_listed_is_noticed_and_listed_by_the_next_opening()
    {
        var catalogue = Path.Combine(Sound, "catalogue");
        await File.WriteAllLinesAsync(catalogue, (await File.ReadAllLinesAsync(catalogue)).Where(static line => !line.Contains("live1", StringComparison.Ordinal)));
        var fault = (await new DataDirInspector(Sound).VerifyAsync()).Faults.Single();
        Assert.Equal("reference live1 is not in the catalogue", fault.What);
        await using (DataDirStore.Open(Sound))
        {
        }

        Assert.Empty((await new DataDirInspector(Sound).VerifyAsync()).Faults);
    }

    [Fact]
    public async Task A_reference_that_never_had_a_value_is_no_damage()
    {
        await File.WriteAllBytesAsync(Path.Combine(Sound, "refs", "begun"), []);
        var report = await new DataDirInspector(Sound).VerifyAsync();
        Assert.Empty(report.Faults);
        Assert.Contains("never had a value", Assert.Single(report.Notes).What, StringComparison.Ordinal);
        await using var store = DataDirStore.Open(Sound);
        Assert.Null(await store.ReadAsync("begun"));
        Assert.True(await store.TryMoveAsync("begun", null, "value", ""));
    }

    [Fact]
    public async Task A_damaged_block_is_reported_remembered_and_stored_again()
    {
        foreach (var pack in Directory.GetFiles(Path.Combine(Sound, "packs")))
            Flip(pack, 128 + 40 + 40 + 2000, 3);
        var damaged = new List<TestBlock>();
        await using (var store = DataDirStore.Open(Sound))
        {
            foreach (var block in _blocks)
            {
                try
                {
                    await TestBlock.IsInAsync(store, block);
                }
                catch (BlockCorruptException damage)
                {
                    Assert.Equal(block.Hash, damage.Hash);
                    Assert.Contains(".vtd", damage.Where, StringComparison.Ordinal);
                    damaged.Add(block);
                }
            }
        }

        Assert.InRange(damaged.Count, 1, 100);
        await using (var store = DataDirStore.Open(Sound))
        {
            var present = new bool[damaged.Count];
            await store.ContainsManyAsync(damaged.Select(block => block.Hash).ToArray(), present);
            Assert.All(present, Assert.False);
            Assert.Equal(150 - damaged.Count, await store.EnumerateAsync().CountAsync());
            Assert.Equal(damaged.Count, (await TestBlock.AddAsync(store, _blocks)).NewBlocks);
        }

        await using (var store = DataDirStore.Open(Sound))
        {
            foreach (var block in _blocks)
                Assert.True(await TestBlock.IsInAsync(store, block));
            Assert.Equal(150, await store.EnumerateAsync().CountAsync());
        }
    }

    static string Damage(string store, string kind, Random random)
    {
        var path = Path.Combine(store, kind);
        if (Directory.Exists(path))
        {
            var files = Directory.GetFiles(path, kind == "index" ? "*.run" : "*").Order(StringComparer.Ordinal).ToArray();
            path = files[random.Next(files.Length)];
        }

        var length = new FileInfo(path).Length;
        var at = random.NextInt64(length);
        switch (random.Next(4))
        {
            case 0:
                Flip(path, at, random.Next(8));
                return $"flip {path} at {at}";
            case 1:
                Zero(path, at, (int)Math.Min(length - at, random.Next(1, 8000)));
                return $"zero {path} at {at}";
            case 2:
                using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
                    RandomAccess.SetLength(file, at);
                return $"truncate {path} to {at} of {length}";
            default:
                File.Delete(path);
                return $"delete {path}";
        }
    }

    static void Flip(string path, long at, int bit)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        var one = new byte[1];
        RandomAccess.Read(file, one, at);
        one[0] ^= (byte)(1 << bit);
        RandomAccess.Write(file, one, at);
    }

    /// <summary>Zeros a range, and at least one byte that was none.</summary>
    static void Zero(string path, long at, int length)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        var bytes = new byte[length];
        RandomAccess.Read(file, bytes, at);
        if (!bytes.AsSpan().ContainsAnyExcept((byte)0))
        {
            Flip(path, at, 0);
            return;
        }

        RandomAccess.Write(file, new byte[length], at);
    }

    async Task ReadAllAsync(string path, VerifyReport report, string what, string kind)
    {
        var affected = report.Faults.SelectMany(fault => fault.Affected).ToHashSet();
        await using var store = DataDirStore.Open(path);
        foreach (var block in _blocks)
        {
            try
            {
                Assert.True(await TestBlock.IsInAsync(store, block) || affected.Contains(block.Hash), $"{what}: {block.Hash} is absent");
            }
            catch (BlockCorruptException damage)
            {
                Assert.True(affected.Contains(block.Hash), $"{what}: {damage.Message}");
            }
        }

        if (kind != "refs")
            Assert.Equal("2", await store.ReadAsync("branch/main"));
        await TestBlock.AddAsync(store, _blocks);
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(store, block), what);
    }

    static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.GetDirectories(from))
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
