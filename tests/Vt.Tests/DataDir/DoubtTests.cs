using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir;
using Vt.Stores.DataDir.Inspection;
using Vt.Tests.Support;

namespace Vt.Tests.DataDir;

/// <summary>
/// A store that the power left says of no tree that it is there if something below it may be lost: who relies on such a word moves a reference that leads to nothing. Copies of a store that is being written
/// stand for what a cut of power leaves: files that are others than they were begun as.
/// </summary>
public sealed class DoubtTests : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly TestBlock[] _data = Make(BlockContent.Data, 10, seed: 1);
    readonly TestBlock[] _trees = Make(BlockContent.Tree, 3, seed: 2);
    readonly TestBlock[] _flushed = Make(BlockContent.Tree, 2, seed: 3);

    static BlockHasher Hasher => HashAlgorithms.GetHasher(HashAlgorithms.Default);

    TestBlock[] All => [.. _data, .. _trees];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_tree_that_may_have_lost_its_data_with_the_power_is_not_said_to_be_there_and_is_stored_again()
    {
        var path = await CutAsync("cut");
        await using (var store = DataDirStore.Open(path))
        {
            Assert.DoesNotContain(true, await ContainsAsync(store, All));

            // What is there can be read: a flush may have covered it.
            Assert.True(await TestBlock.IsInAsync(store, _trees[0]));
            Assert.Equal(_trees.Concat(_flushed).Select(static block => block.Hash).Order(), (await store.EnumerateAsync().ToArrayAsync()).Order());
            Assert.True(store.IsComplete);
            Assert.Equal(All.Length, (await TestBlock.AddAsync(store, All)).NewBlocks);
            Assert.DoesNotContain(false, await ContainsAsync(store, All));
            Assert.Equal(0, (await TestBlock.AddAsync(store, All)).NewBlocks);
            await store.FlushAsync();
        }

        await using var reopened = DataDirStore.Open(path);
        Assert.DoesNotContain(false, await ContainsAsync(reopened, All));
        Assert.Equal((bool[])[false, false], await ContainsAsync(reopened, _flushed));
        foreach (var block in All.Concat(_flushed))
            Assert.True(await TestBlock.IsInAsync(reopened, block));
        Assert.Equal(1, new DataDirInspector(path).GetInfo().DoubtedPacks);
        Assert.Empty((await new DataDirInspector(path).VerifyAsync()).Faults);
    }

    [Fact]
    public async Task So_it_is_where_nothing_can_be_mended()
    {
        var path = await CutAsync("cut");
        await using (var reader = DataDirStore.Open(path, new DataDirOptions { IsReadOnly = true }))
        {
            Assert.DoesNotContain(true, await ContainsAsync(reader, All));
            Assert.True(await TestBlock.IsInAsync(reader, _trees[0]));
        }

        // The disk is full until the store is open.
        var isFull = true;
        var boundary = new WriteBoundary((step, file, _) =>
        {
            if (isFull && step is WriteStep.Create or WriteStep.Write)
                throw new PosixException(Errno.ENOSPC, "open", file);
        });
        await using var store = DataDirStore.Open(path, new DataDirOptions { Boundary = boundary });
        isFull = false;
        Assert.DoesNotContain(true, await ContainsAsync(store, All));
        Assert.True(await TestBlock.IsInAsync(store, _trees[0]));
    }

    [Fact]
    public async Task The_doubt_outlives_whoever_is_killed_while_he_mends()
    {
        var cut = await CutAsync("cut");
        for (var last = 1; ; last++)
        {
            var path = Copy(cut, $"mended{last}", static (_, bytes) => bytes);
            var crossings = 0;
            var isKilled = false;
            var boundary = new WriteBoundary((step, file, _) =>
            {
                isKilled |= ++crossings >= last;
                if (isKilled)
                    throw new PosixException(Errno.EIO, step.ToString(), file);
            });
            await using (var killed = DataDirStore.Open(path, new DataDirOptions { Boundary = boundary }))
                Assert.DoesNotContain(true, await ContainsAsync(killed, _trees));
            await using (var store = DataDirStore.Open(path))
                Assert.DoesNotContain(true, await ContainsAsync(store, _trees));
            if (isKilled)
                continue;
            Assert.InRange(last, 8, 60);
            break;
        }
    }

    [Fact]
    public async Task What_a_killed_process_left_on_a_machine_that_goes_on_is_relied_on()
    {
        var path = _folder["killed"];
        DataDirStore.Initialise(path);
        var isKilled = false;
        var boundary = new WriteBoundary((step, file, _) =>
        {
            if (isKilled)
                throw new PosixException(Errno.EIO, step.ToString(), file);
        });
        await using (var store = DataDirStore.Open(path, new DataDirOptions { Boundary = boundary }))
        {
            await TestBlock.AddAsync(store, All);
            isKilled = true;
        }

        await using var next = DataDirStore.Open(path);
        Assert.DoesNotContain(false, await ContainsAsync(next, All));
        Assert.Equal(0, (await TestBlock.AddAsync(next, All)).NewBlocks);
        Assert.Equal(0, new DataDirInspector(path).GetInfo().DoubtedPacks);
    }

    // A store whose trees outlived the cut, and whose data did not. Two trees were flushed before.
    async Task<string> CutAsync(string name)
    {
        var path = _folder["whole"];
        DataDirStore.Initialise(path);
        await using var store = DataDirStore.Open(path);
        await TestBlock.AddAsync(store, _flushed);
        await store.FlushAsync();
        await TestBlock.AddAsync(store, _data);
        var ofTrees = Assert.Single(Directory.GetFiles(Path.Combine(path, "packs"), "*.open"), file => new FileInfo(file).Length > 0 && IsOfTrees(file));
        await TestBlock.AddAsync(store, _trees);
        return Copy(path, name, (file, bytes) => file.EndsWith(".open", StringComparison.Ordinal) && file != ofTrees ? bytes[..128] : bytes);
    }

    static bool IsOfTrees(string file) => Read(file)[11] == 1;

    string Copy(string from, string name, Func<string, byte[], byte[]> change)
    {
        var to = _folder[name];
        Directory.CreateDirectory(Path.Combine(to, "refs"));
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllBytes(copy, change(file, Read(file)));
        }

        return to;
    }

    // Others may hold locks on it.
    static byte[] Read(string path)
    {
        using var file = PosixFile.Open(path, OpenFlags.O_RDONLY);
        var bytes = new byte[PosixFile.Fstat(file).Size];
        PosixFile.PreadFully(file, bytes, 0);
        return bytes;
    }

    static async Task<bool[]> ContainsAsync(DataDirStore store, TestBlock[] blocks)
    {
        var present = new bool[blocks.Length];
        await store.ContainsManyAsync(Array.ConvertAll(blocks, static block => block.Hash), present);
        return present;
    }

    static TestBlock[] Make(BlockContent content, int count, int seed) =>
        [.. TestBlock.Many(Hasher, seed, count).Select(block => TestBlock.Of(Hasher, block.Bytes, content))];
}
