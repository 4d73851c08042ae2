using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Tests.Support;
using Vt.Tests.Support.S3;

namespace Vt.Tests.S3;

public sealed class S3DamageTests : IDisposable
{
    static readonly TestBlock[] Blocks = TestBlock.Many(HashAlgorithms.GetHasher(HashAlgorithms.Default), 7, 40, 30_000);

    readonly S3Bed _bed = new();

    public void Dispose() => _bed.Dispose();

    [Fact]
    public async Task A_damaged_pack_gives_right_blocks_or_errors_wherever_it_is_damaged()
    {
        var (key, sound) = await MakePackAsync();
        var random = new Random(3);
        var errors = 0;
        for (var i = 0; i < 30; i++)
        {
            var bytes = sound.ToArray();
            switch (i % 3)
            {
                case 0:
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes = bytes[..random.Next(bytes.Length)];
                    break;
                default:
                    random.NextBytes(bytes.AsSpan(random.Next(bytes.Length - 100), 100));
                    break;
            }

            _bed.Server![key] = bytes;
            await using var store = await _bed.OpenAsync(isReadOnly: true);
            errors += await CountDamagedAsync(store);
        }

        Assert.NotEqual(0, errors);
    }

    [Fact]
    public async Task A_block_of_a_pack_that_is_gone_is_an_error_and_is_stored_again_when_it_is_offered()
    {
        var (key, _) = await MakePackAsync();
        _bed.Server!.Remove(key);
        await using (var store = await _bed.OpenAsync())
        {
            Assert.Equal(Blocks.Length, await CountDamagedAsync(store));
            var counts = await TestBlock.AddAsync(store, Blocks);
            Assert.Equal(Blocks.Length, counts.NewBlocks);
            await store.FlushAsync();
            Assert.Equal(0, await CountDamagedAsync(store));
        }

        await using var again = await _bed.OpenAsync();
        Assert.Equal(0, await CountDamagedAsync(again));
    }

    [Fact]
    public async Task A_damaged_index_object_is_made_again_from_the_packs()
    {
        await MakePackAsync();
        var key = Assert.Single(_bed.Server!.Keys, static key => key.StartsWith("index/", StringComparison.Ordinal));
        var sound = _bed.Server[key];
        var random = new Random(4);
        for (var i = 0; i < 50; i++)
        {
            var bytes = sound.ToArray();
            if (i % 2 == 0)
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            else
                bytes = bytes[..random.Next(bytes.Length)];
            _bed.Server[key] = bytes;
            if (Directory.Exists(_bed.Settings.Cache))
                Directory.Delete(_bed.Settings.Cache, recursive: true);
            await using var store = await _bed.OpenAsync(isReadOnly: true);
            Assert.Equal(0, await CountDamagedAsync(store));
        }
    }

    [Fact]
    public async Task A_damaged_local_copy_of_the_index_is_read_again_and_one_that_is_gone_too()
    {
        await MakePackAsync();
        await using (await _bed.OpenAsync(isReadOnly: true))
        {
        }

        var copy = Assert.Single(Directory.GetFiles(_bed.Settings.Cache, "*.idx", SearchOption.AllDirectories));
        var sound = await File.ReadAllBytesAsync(copy);
        var random = new Random(5);
        for (var i = 0; i < 60; i++)
        {
            var bytes = sound.ToArray();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(copy, i % 3 == 0 ? bytes[..random.Next(bytes.Length)] : bytes);
            await using (var store = await _bed.OpenAsync(isReadOnly: true))
                Assert.Equal(0, await CountDamagedAsync(store));
            if (i % 10 == 0)
                Directory.Delete(_bed.Settings.Cache, recursive: true);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        }
    }

    [Fact]
    public async Task The_local_copies_stay_within_their_bound_and_a_folder_that_cannot_be_written_is_none()
    {
        _bed.Settings = _bed.Settings with { CacheSize = 0 };
        await MakePackAsync();
        await using (var store = await _bed.OpenAsync())
            Assert.Equal(0, await CountDamagedAsync(store));
        _bed.Settings = _bed.Settings with { Cache = "/proc/none" };
        await using (var store = await _bed.OpenAsync())
            Assert.Equal(0, await CountDamagedAsync(store));
    }

    [Fact]
    public async Task A_damaged_reference_is_an_error()
    {
        await using var store = await _bed.OpenAsync();
        var refs = (IRefStore)store;
        await refs.TryMoveAsync("a", null, "1", "");
        await refs.TryMoveAsync("a", "1", "2", "");
        var sound = _bed.Server!["refs/a"];
        for (var i = 0; i < sound.Length; i++)
        {
            var bytes = sound.ToArray();
            bytes[i] ^= 1;
            _bed.Server["refs/a"] = bytes;
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await refs.ReadAsync("a"));
            _bed.Server["refs/a"] = sound[..i];
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await refs.ReadAsync("a"));
        }
    }

    async Task<(string Key, byte[] Bytes)> MakePackAsync()
    {
        await using (var store = await _bed.OpenAsync())
        {
            await TestBlock.AddAsync(store, Blocks);
            await store.FlushAsync();
        }

        var key = Assert.Single(_bed.Server!.Keys, static key => key.StartsWith("packs/", StringComparison.Ordinal));
        return (key, _bed.Server[key]);
    }

    static async Task<int> CountDamagedAsync(IBlockStore store)
    {
        var damaged = 0;
        foreach (var block in Blocks)
        {
            try
            {
                Assert.True(await TestBlock.IsInAsync(store, block));
            }
            catch (BlockCorruptException)
            {
                damaged++;
            }
        }

        return damaged;
    }
}
