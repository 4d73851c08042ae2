using Vt.Blocks.Hashing;
using Vt.Stores.DataDir;
using Vt.Tests.Support;

namespace Vt.Tests.DataDir;

/// <summary>A store that is opened while another one has been writing for a while.</summary>
public sealed class JoiningTests : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly TestBlock[] _blocks = TestBlock.Many(HashAlgorithms.GetHasher(HashAlgorithms.Default), 31, 40, 16_000);

    string Root => _folder["store"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_store_that_is_opened_long_after_a_pack_was_begun_sees_what_is_in_it()
    {
        DataDirStore.Initialise(Root);
        await using var writer = DataDirStore.Open(Root);
        await TestBlock.AddAsync(writer, _blocks[..20]);
        Directory.SetLastWriteTimeUtc(Path.Combine(Root, "packs"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await using var reader = DataDirStore.Open(Root, new DataDirOptions { IsReadOnly = true });
        await using var second = DataDirStore.Open(Root);
        Assert.Equal(20, (await TestBlock.AddAsync(second, _blocks)).NewBlocks);
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(reader, block));
    }
}
