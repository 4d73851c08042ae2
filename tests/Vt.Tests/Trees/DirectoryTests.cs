using System.Globalization;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Tests.Trees;

public sealed class DirectoryTests : StoredTreeTests
{
    [Fact]
    public async Task A_directory_without_entries_is_the_empty_content()
    {
        var root = await BuildAsync([]);
        Assert.Equal(BlockRef.Empty, root.Content);
        Assert.Equal(0, root.Entries);
        Assert.Null(await Reader.LookupAsync(root.Content, Samples.Text("a")));
        Assert.Empty(await ListAsync(root.Content));
    }

    [Fact]
    public async Task Every_entry_is_found_and_no_other()
    {
        var random = new Random(1);
        var model = Model(random, 5000);
        var root = await BuildAsync(model.Values);
        Assert.Equal(model.Count, root.Entries);
        Assert.Equal(model.Values.Count(static entry => entry.Kind == DirentKind.Directory), root.Subdirectories);
        foreach (var (name, entry) in model.Where((_, i) => i % 7 == 0))
            Assert.Equal(entry, await Reader.LookupAsync(root.Content, name));
        for (var i = 0; i < 300; i++)
        {
            var name = Samples.Name(random);
            Assert.Equal(model.GetValueOrDefault(name), await Reader.LookupAsync(root.Content, name));
        }
    }

    [Fact]
    public async Task Entries_are_listed_in_order_from_any_name_and_any_position()
    {
        var random = new Random(2);
        var model = Model(random, 20_000);
        var root = await BuildAsync(model.Values);
        var all = model.Values.ToArray();
        Assert.Equal(all, await ListAsync(root.Content));
        for (var i = 0; i < 20; i++)
        {
            var start = random.Next(all.Length + 1);
            var after = start == 0 ? [] : all[start - 1].Name.ToArray();
            Assert.Equal(all[start..Math.Min(start + 500, all.Length)], await ListAsync(root.Content, after, 500));
            var missing = (byte[])[.. after, 1];
            var next = Array.FindIndex(all, entry => entry.Name.Span.SequenceCompareTo(missing) > 0);
            Assert.Equal(next < 0 ? [] : all[next..(next + 1)], await ListAsync(root.Content, missing, 1));
            await CheckPositionAsync(root.Content, all, start);
        }

        await CheckPositionAsync(root.Content, all, all.Length + 5);
    }

    [Fact]
    public async Task The_same_entries_give_the_same_root_in_whatever_order_they_came()
    {
        var random = new Random(3);
        var entries = Model(random, 3000).Values.ToArray();
        var expected = await BuildAsync(entries);
        random.Shuffle(entries);
        Assert.Equal(expected, await BuildAsync(entries));
        var built = default(DirectoryRoot);
        foreach (var part in entries.Chunk(400))
            built = await EditAsync(built.Content, part.Select(DirectoryEdit.Put));
        Assert.Equal(expected, built);
    }

    [Fact]
    public void Editing_gives_what_building_afresh_gives() => Samples.ForAll(
        static random => random,
        random =>
        {
            var model = Model(random, random.Next(4) == 0 ? random.Next(5000) : random.Next(600));
            var root = Run(BuildAsync(model.Values));
            for (var round = 0; round < 4; round++)
            {
                var edits = Edits(random, model, random.Next(6) == 0 ? model.Count : random.Next(1, 20));
                root = Run(EditAsync(root.Content, edits));
                Assert.Equal(Run(BuildAsync(model.Values)), root);
            }
        },
        tests: 40);

    [Fact]
    public async Task Removing_nearly_everything_lowers_the_tree()
    {
        var random = new Random(4);
        var model = Model(random, 25_000);
        var root = await BuildAsync(model.Values);
        foreach (var keep in new[] { 20_000, 129, 1, 0 })
        {
            var gone = model.Keys.Skip(random.Next(model.Count - keep + 1)).Concat(model.Keys).Distinct().Take(model.Count - keep).ToArray();
            foreach (var name in gone)
                model.Remove(name);
            root = await EditAsync(root.Content, gone.Select(static name => DirectoryEdit.Remove(name)));
            Assert.Equal(await BuildAsync(model.Values), root);
        }
    }

    [Fact]
    public async Task Keeping_one_node_of_the_middle_gives_that_node()
    {
        var model = Model(new Random(5), 40_000);
        var root = await BuildAsync(model.Values);
        await foreach (var page in Reader.ReadPagesFromAsync(root.Content, 15_000))
        {
            var kept = Enumerable.Range(0, page.Count).Select(i => page.NameAt(i).ToArray()).ToHashSet(ByteComparer.Instance);
            var gone = model.Keys.Where(name => !kept.Contains(name)).Select(static name => DirectoryEdit.Remove(name));
            var rest = await EditAsync(root.Content, gone);
            Assert.Equal(await BuildAsync(model.Where(entry => kept.Contains(entry.Key)).Select(static entry => entry.Value)), rest);
            return;
        }
    }

    [Fact]
    public void The_difference_of_two_directories_is_that_of_their_entries() => Samples.ForAll(
        static random => random,
        random =>
        {
            var before = Model(random, random.Next(3000));
            var after = new SortedDictionary<byte[], Dirent>(before, ByteComparer.Instance);
            Edits(random, after, random.Next(8) == 0 ? after.Count : random.Next(30));
            if (random.Next(10) == 0)
                after.Clear();
            var expected = before.Keys.Concat(after.Keys).Distinct(ByteComparer.Instance).Order(ByteComparer.Instance)
                .Select(name => new DirectoryDifference(before.GetValueOrDefault(name), after.GetValueOrDefault(name)))
                .Where(static pair => !Equals(pair.Before, pair.After));
            var (left, right) = (Run(BuildAsync(before.Values)), Run(BuildAsync(after.Values)));
            Assert.Equal(expected, Run(DiffAsync(left.Content, right.Content)));
        },
        tests: 20);

    [Fact]
    public async Task Costs_of_a_large_directory_are_those_of_its_paths()
    {
        var entries = Enumerable.Range(0, 100_000).Select(static i => Samples.File(Samples.Text(i.ToString("D6", CultureInfo.InvariantCulture)))).ToArray();
        var root = await BuildAsync(entries);
        var cold = new DirectoryReader(Store, new DirectoryNodeCache(0));

        Store.ResetCounts();
        Assert.NotNull(await cold.LookupAsync(root.Content, Samples.Text("054321")));
        Assert.InRange(Store.Gets, 1, 4);

        var before = Store.Blocks.Count;
        Store.ResetCounts();
        using var editing = new TreeBatch(Store);
        var edited = await new DirectoryEditor(cold, editing).ApplyAsync(root.Content, [DirectoryEdit.Put(Samples.File(Samples.Text("054321"), 1))]);
        await editing.DrainAsync();
        Assert.InRange(Store.Gets, 1, 8);
        Assert.InRange(Store.Blocks.Count - before, 1, 6);
        Assert.Equal(100_000, edited.Entries);

        Store.ResetCounts();
        var differences = 0;
        await foreach (var difference in DirectoryDiff.CompareAsync(cold, root.Content, edited.Content))
        {
            differences++;
            Assert.Equal(Samples.File(Samples.Text("054321"), 1), difference.After);
        }

        Assert.Equal(1, differences);
        Assert.InRange(Store.Gets, 1, 8);

        Store.ResetCounts();
        Assert.Equal(100_000, (await ListAsync(cold, root.Content)).Count);
        Assert.InRange(Store.Requests, 1, 120);
    }

    [Fact]
    public async Task Pages_read_ahead_follow_each_other_and_cost_few_requests()
    {
        var entries = Enumerable.Range(0, 30_000).Select(static i => Samples.File(Samples.Text(i.ToString("D6", CultureInfo.InvariantCulture)))).ToArray();
        var root = await BuildAsync(entries);
        foreach (var wanted in new[] { 1, 200, 1000, 100_000 })
        {
            var reader = new DirectoryReader(Store, new DirectoryNodeCache());
            Store.ResetCounts();
            var next = 0;
            while (await reader.PagesAtAsync(root.Content, next, wanted) is { Count: > 0 } pages)
            {
                foreach (var page in pages)
                {
                    Assert.Equal(next, page.Position);
                    for (var i = 0; i < page.Count; i++)
                        Assert.Equal(entries[next++].Name.ToArray(), page.NameAt(i).ToArray());
                }
            }

            Assert.Equal(entries.Length, next);
            Assert.InRange(Store.Requests, 1, 40);
        }

        for (var position = 0; position <= entries.Length; position += 997)
        {
            var pages = await Reader.PagesAtAsync(root.Content, position, 300);
            Assert.Equal(position, pages[0].Position);
            Assert.Equal(entries[position].Name.ToArray(), pages[0].NameAt(0).ToArray());
        }

        Assert.Empty(await Reader.PagesAtAsync(root.Content, entries.Length, 1));
        Assert.Empty(await Reader.PagesAtAsync(BlockRef.Empty, 0, 1));
    }

    [Fact]
    public async Task A_lost_node_further_on_does_not_hide_the_pages_before_it()
    {
        var entries = Enumerable.Range(0, 3000).Select(static i => Samples.File(Samples.Text(i.ToString("D6", CultureInfo.InvariantCulture)))).ToArray();
        var root = await BuildAsync(entries);
        var whole = await Reader.PagesAtAsync(root.Content, 0, 3000);
        var node = await new NodeLoader(Store, new DirectoryNodeCache()).LoadRootAsync(root.Content, DirectoryOrder.Names, default);
        Assert.True(node.Level == 1 && node.Count > 4 && whole.Count > 4);
        Store.Remove(node.ChildAt(2).Node.Hash);
        var cold = new DirectoryReader(Store, new DirectoryNodeCache());
        var lost = 0L;
        while (lost < whole[2].Position)
        {
            var pages = await cold.PagesAtAsync(root.Content, lost, 3000);
            lost = pages[^1].Position + pages[^1].Count;
        }

        Assert.Equal(whole[2].Position, lost);
        await Assert.ThrowsAsync<BlockMissingException>(async () => await cold.PagesAtAsync(root.Content, lost, 3000));
        Assert.Equal(whole[3].Position, (await cold.PagesAtAsync(root.Content, whole[3].Position, 1))[0].Position);
    }

    [Fact]
    public async Task Inserting_many_names_in_one_place_leaves_the_other_nodes_alone()
    {
        var entries = Enumerable.Range(0, 50_000).Select(static i => Samples.File(Samples.Text(i.ToString("D6", CultureInfo.InvariantCulture)))).ToArray();
        var root = await BuildAsync(entries);
        var before = Store.Blocks.Count;
        await EditAsync(root.Content, Enumerable.Range(0, 1000).Select(static i => DirectoryEdit.Put(Samples.File(Samples.Text($"025000-{i:D4}")))));
        Assert.InRange(Store.Blocks.Count - before, 5, 45);
    }

    [Fact]
    public async Task Nodes_are_of_the_size_that_they_should_be()
    {
        var root = await BuildAsync(Enumerable.Range(0, 100_000).Select(static i => Samples.File(Samples.Text(i.ToString("D6", CultureInfo.InvariantCulture)))));
        var pages = 0;
        await foreach (var page in Reader.ReadPagesAsync(root.Content))
        {
            Assert.InRange(page.Count, 1, NodeCuts.Most);
            pages++;
        }

        Assert.InRange(root.Entries / pages, 110, 140);
    }

    [Fact]
    public async Task Children_reach_the_store_before_their_parents()
    {
        using var small = new TreeBatch(Store, 4096);
        Store.OnAdd = block =>
        {
            var node = DirectoryNode.Decode(block);
            for (var i = 0; node.Level > 0 && i < node.Count; i++)
                Assert.True(Store.Contains(node.ChildAt(i).Node.Hash));
        };
        await DirectoryBuilder.BuildAsync(small, Model(new Random(6), 20_000).Values);
        await small.DrainAsync();
    }

    [Fact]
    public async Task Small_directories_share_the_way_to_the_store()
    {
        for (var i = 0; i < 1000; i++)
            await DirectoryBuilder.BuildAsync(Batch, [Samples.File(Samples.Text($"only-{i}"))]);
        await Batch.DrainAsync();
        Assert.Equal(1, Store.AddCalls);
        Assert.Equal(1000, Batch.Counts.NewBlocks);
    }

    [Fact]
    public async Task An_inode_table_finds_inodes_by_their_uuids()
    {
        var random = new Random(7);
        var inodes = Enumerable.Range(0, 3000)
            .Select(i => Samples.File([], i) with { Uuid = new Guid(Samples.Bytes(random, 16, 16)) }).ToArray();
        var table = await DirectoryBuilder.BuildAsync(Batch, inodes, DirectoryOrder.Uuids);
        await Batch.DrainAsync();
        foreach (var inode in inodes.Take(100))
            Assert.Equal(inode, await Reader.LookupInodeAsync(table.Content, inode.Uuid!.Value));
        Assert.Null(await Reader.LookupInodeAsync(table.Content, new Guid(1, 2, 3, new byte[8])));
        var editor = new DirectoryEditor(Reader, Batch);
        var less = await editor.ApplyAsync(table.Content, [DirectoryEdit.RemoveInode(inodes[5].Uuid!.Value)], DirectoryOrder.Uuids);
        var again = await DirectoryBuilder.BuildAsync(Batch, inodes.Where((_, i) => i != 5), DirectoryOrder.Uuids);
        Assert.Equal(again, less);
        await Assert.ThrowsAsync<FormatInvalidException>(async () => await Reader.LookupAsync(table.Content, Samples.Text("a")));
    }

    [Fact]
    public async Task Entries_out_of_order_or_named_twice_are_refused()
    {
        using var builder = new DirectoryBuilder(Batch);
        await builder.AddAsync(Samples.File(Samples.Text("b")));
        await Assert.ThrowsAsync<ArgumentException>(async () => await builder.AddAsync(Samples.File(Samples.Text("b"))));
        await Assert.ThrowsAsync<ArgumentException>(async () => await builder.AddAsync(Samples.File(Samples.Text("a"))));
        await Assert.ThrowsAsync<ArgumentException>(async () => await builder.AddAsync(Samples.File([])));
    }

    [Fact]
    public async Task A_missing_node_is_named_and_the_others_still_serve()
    {
        var model = Model(new Random(8), 5000);
        var root = await BuildAsync(model.Values);
        var names = model.Keys.ToArray();
        var node = DirectoryNode.Decode(Store.Blocks[root.Content.Hash]);
        var gone = node.ChildAt(3);
        Store.Remove(gone.Node.Hash);
        var cold = new DirectoryReader(Store, new DirectoryNodeCache(0));
        var missing = await Assert.ThrowsAsync<BlockMissingException>(async () => await cold.LookupAsync(root.Content, gone.LastKey));
        Assert.Equal(gone.Node.Hash, missing.Hash);
        Assert.NotNull(await cold.LookupAsync(root.Content, names[0]));
        Assert.NotNull(await cold.LookupAsync(root.Content, names[^1]));
    }

    [Fact]
    public void Damaged_nodes_are_refused_and_never_worse()
    {
        var model = Model(new Random(9), 5000);
        Run(BuildAsync(model.Values));
        var blocks = Store.Blocks.Values.ToArray();
        Samples.ForAll(
            random =>
            {
                var block = blocks[random.Next(blocks.Length)].ToArray();
                if (random.Next(4) == 0)
                    block = block[..random.Next(block.Length)];
                for (var flips = random.Next(1, 4); flips > 0 && block.Length > 0; flips--)
                    block[random.Next(Math.Min(block.Length, random.Next(2) == 0 ? 40 : int.MaxValue))] ^= (byte)(1 << random.Next(8));
                return block;
            },
            block =>
            {
                try
                {
                    var node = DirectoryNode.Decode(block);
                    for (var i = 0; i < node.Count; i++)
                        _ = node.Level == 0 ? (object)node.DirentAt(i) : node.ChildAt(i);
                }
                catch (FormatInvalidException)
                {
                }
            },
            tests: 2000);
    }

    [Fact]
    public async Task Attributes_too_large_for_a_node_lie_in_a_block()
    {
        var xattrs = XattrSet.Create(Enumerable.Range(0, 20).Select(static i => new Xattr(Samples.Text($"user.{i}"), new byte[1000])));
        var small = XattrSet.Create([new Xattr(Samples.Text("user.a"), Samples.Text("b"))]);
        Assert.Same(small, await StoredXattrs.MoveOutAsync(small, Batch));
        var stored = await StoredXattrs.MoveOutAsync(xattrs, Batch);
        await Batch.DrainAsync();
        Assert.True(stored.IsStored);
        Assert.Throws<InvalidOperationException>(() => stored.Items.Length);
        Assert.Same(stored, await StoredXattrs.MoveOutAsync(stored, Batch));
        var entry = Samples.File(Samples.Text("a")) with { Metadata = new Metadata { Xattrs = stored } };
        Assert.InRange(entry.Encode().Length, 1, 100);
        Assert.Equal(xattrs, await StoredXattrs.LoadAsync(Dirent.Decode(entry.Encode()).Metadata.Xattrs, Store));
        Assert.Throws<InvalidOperationException>(() => (entry with { Metadata = new Metadata { Xattrs = xattrs } }).Encode());
        Store.Remove(stored.Stored.Hash);
        await Assert.ThrowsAsync<BlockMissingException>(async () => await StoredXattrs.LoadAsync(stored, Store));
    }

    [Fact]
    public async Task An_earlier_version_can_be_had_from_its_reference()
    {
        var earlier = Samples.Dirent(new Random(11));
        var later = earlier with { Previous = await StoredDirents.StoreAsync(earlier, Batch) };
        await Batch.DrainAsync();
        Assert.Equal(earlier, await StoredDirents.LoadAsync(Dirent.Decode(later.Encode()).Previous, Store));
        await Assert.ThrowsAsync<FormatInvalidException>(async () => await StoredDirents.LoadAsync(BlockRef.Run(0, 5), Store));
        var other = await Batch.AddAsync(new byte[10]);
        await Batch.DrainAsync();
        await Assert.ThrowsAsync<FormatInvalidException>(async () => await StoredDirents.LoadAsync(other, Store));
    }

    [Fact]
    public async Task The_form_of_directories_does_not_change()
    {
        var small = await BuildAsync([Samples.File(Samples.Text("a")), Samples.File(Samples.Text("b"))]);
        Assert.Equal(
            "567464" + "01" // magic, version
            + "00" + "00" // by names, leaf
            + "02" + "02" + "00" // items, entries, directories
            + "18" + "0401" + "0a0161" + "120a" + "04a403" + "1180c49fd50c05" + "1605" + "0403e80700"
            + "18" + "0401" + "0a0162" + "120a" + "04a403" + "1180c49fd50c05" + "1605" + "0403e80700",
            Convert.ToHexStringLower(Store.Blocks[small.Content.Hash]));
        var large = await BuildAsync(Enumerable.Range(0, 20_000).Select(static i => Samples.File(Samples.Text(i.ToString("D6", CultureInfo.InvariantCulture)))));
        Assert.Equal("d47df9fe3e37", large.Content.Hash.ToShortString());
    }

    [Fact]
    public async Task After_a_failed_write_a_batch_takes_no_more()
    {
        var faulty = new CountingStore { OnAdd = static _ => throw new StoreFullException("memory", "a block") };
        using var batch = new TreeBatch(faulty, 100);
        await batch.AddAsync(new byte[90]);
        await Assert.ThrowsAsync<StoreFullException>(async () => await batch.AddAsync(new byte[91]));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await batch.AddAsync(new byte[92]));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await batch.DrainAsync());
    }

    [Fact]
    public async Task The_cache_stays_within_its_bytes()
    {
        var root = await BuildAsync(Model(new Random(10), 8000).Values);
        var cache = new DirectoryNodeCache(200_000);
        var reader = new DirectoryReader(Store, cache);
        await foreach (var entry in reader.EnumerateAsync(root.Content))
            Assert.NotNull(await reader.LookupAsync(root.Content, entry.Name));
        Assert.InRange(cache.Bytes, 1, 200_000);
    }

    static T Run<T>(ValueTask<T> task)
    {
        Assert.True(task.IsCompletedSuccessfully || task.IsFaulted);
        return task.GetAwaiter().GetResult();
    }

    static SortedDictionary<byte[], Dirent> Model(Random random, int count)
    {
        var model = new SortedDictionary<byte[], Dirent>(ByteComparer.Instance);
        while (model.Count < count)
        {
            var name = random.Next(3) == 0 ? Samples.Name(random) : Samples.Text($"n{random.Next(count * 3)}");
            model[name] = random.Next(5) == 0 ? Samples.Dirent(random) with { Name = name } : Samples.File(name, random.Next(3));
        }

        return model;
    }

    // Makes random changes in the model and says which.
    static List<DirectoryEdit> Edits(Random random, SortedDictionary<byte[], Dirent> model, int count)
    {
        var names = model.Keys.ToArray();
        var edits = new SortedDictionary<byte[], DirectoryEdit>(ByteComparer.Instance);
        for (var i = 0; i < count; i++)
        {
            var name = names.Length > 0 && random.Next(2) == 0 ? names[random.Next(names.Length)] : Samples.Name(random);
            if (random.Next(2) == 0)
            {
                edits[name] = DirectoryEdit.Remove(name);
                model.Remove(name);
            }
            else
            {
                model[name] = Samples.File(name, random.Next(3));
                edits[name] = DirectoryEdit.Put(model[name]);
            }
        }

        return [.. edits.Values];
    }

    async ValueTask<DirectoryRoot> BuildAsync(IEnumerable<Dirent> entries)
    {
        var root = await DirectoryBuilder.BuildAsync(Batch, entries);
        await Batch.DrainAsync();
        return root;
    }

    async ValueTask<DirectoryRoot> EditAsync(BlockRef directory, IEnumerable<DirectoryEdit> edits)
    {
        var sorted = edits.OrderBy(static edit => edit.Key.ToArray(), ByteComparer.Instance).ToArray();
        var root = await new DirectoryEditor(Reader, Batch).ApplyAsync(directory, sorted);
        await Batch.DrainAsync();
        return root;
    }

    async ValueTask<List<DirectoryDifference>> DiffAsync(BlockRef before, BlockRef after)
    {
        var differences = new List<DirectoryDifference>();
        await foreach (var difference in DirectoryDiff.CompareAsync(Reader, before, after))
            differences.Add(difference);
        return differences;
    }

    async Task<List<Dirent>> ListAsync(BlockRef directory, byte[]? after = null, int most = int.MaxValue) =>
        await ListAsync(Reader, directory, after, most);

    static async Task<List<Dirent>> ListAsync(DirectoryReader reader, BlockRef directory, byte[]? after = null, int most = int.MaxValue)
    {
        var entries = new List<Dirent>();
        await foreach (var entry in reader.EnumerateAsync(directory, after))
        {
            if (entries.Count == most)
                break;
            entries.Add(entry);
        }

        return entries;
    }

    async Task CheckPositionAsync(BlockRef directory, Dirent[] all, int position)
    {
        var next = position;
        await foreach (var page in Reader.ReadPagesFromAsync(directory, position))
        {
            Assert.Equal(next, page.Position);
            for (var i = 0; i < page.Count; i++)
            {
                Assert.Equal(all[next + i].Name.ToArray(), page.NameAt(i).ToArray());
                Assert.Equal(all[next + i].Kind, page.KindAt(i));
            }

            next += page.Count;
        }

        Assert.Equal(Math.Max(position, all.Length), next);
    }
}
