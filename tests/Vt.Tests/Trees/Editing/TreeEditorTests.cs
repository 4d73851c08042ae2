using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Stores.Memory;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Editing;
using Vt.Trees.Meta;

namespace Vt.Tests.Trees.Editing;

/// <summary>Edits of stored trees, against a model that is a set of paths; hard links are counted in both.</summary>
public sealed class TreeEditorTests : IDisposable
{
    readonly MemoryStore _store = new();
    readonly TreeBatch _batch;
    readonly DirectoryReader _reader;

    public TreeEditorTests()
    {
        _batch = new TreeBatch(_store);
        _reader = new DirectoryReader(_store, new DirectoryNodeCache());
    }

    public void Dispose() => _batch.Dispose();

    [Fact]
    public void Any_row_of_edits_gives_the_tree_that_the_model_gives() => Samples.ForAll(
        static random => random,
        random => RunAsync(random).GetAwaiter().GetResult(),
        tests: 150);

    async Task RunAsync(Random random)
    {
        var root = new Dirent { Kind = DirentKind.Directory };
        var model = new SortedDictionary<string, string?>(StringComparer.Ordinal); // a file's inode; null of a folder
        for (var step = 0; step < 25; step++)
        {
            var files = model.Where(static entry => entry.Value is not null).Select(static entry => entry.Key).ToList();
            var folders = model.Where(static entry => entry.Value is null).Select(static entry => entry.Key).Append("").ToList();
            var at = $"{folders[random.Next(folders.Count)]}/{(char)('a' + random.Next(6))}".Trim('/');
            var isFree = !model.ContainsKey(at);
            var some = files.Count > 0 ? files[random.Next(files.Count)] : null;
            var folder = folders[random.Next(folders.Count)];
            switch (random.Next(7))
            {
                case 0 when isFree:
                    root = await EditAsync(root, null, edit => edit.MakeDirectory(Bytes(at), new Dirent { Kind = DirentKind.Directory }));
                    model[at] = null;
                    break;
                case 1 or 2 when isFree:
                    var content = $"inode {step} {random.Next()}";
                    root = await EditAsync(root, null, edit => edit.Put(Bytes(at), new Dirent { Kind = DirentKind.File, Content = BlockRef.Literal(Encoding.ASCII.GetBytes(content)) }));
                    model[at] = content;
                    break;
                case 3 when isFree && some is not null:
                    root = await LinkAsync(root, some, at);
                    model[at] = model[some];
                    break;
                case 4 when folder.Length > 0 && isFree && !at.StartsWith(folder + "/", StringComparison.Ordinal):
                    var moved = (await TreePath.ResolveAsync(_reader, root, Bytes(folder)))!;
                    root = await EditAsync(root, null, edit => edit.Move(Bytes(folder), Bytes(at), moved));
                    Rename(model, folder, at, keep: false, "");
                    break;
                case 5 when folder.Length > 0 && isFree && !at.StartsWith(folder + "/", StringComparison.Ordinal):
                    var graft = new TreeGraft(_reader, _batch);
                    var copy = await graft.CopyAsync(root.Inodes, (await TreePath.ResolveAsync(_reader, root, Bytes(folder)))!);
                    var source = await graft.CompleteAsync();
                    root = await EditAsync(root, source, edit => edit.Put(Bytes(at), copy));
                    Rename(model, folder, at, keep: true, $" copied {step}");
                    break;
                case 6 when folder.Length > 0:
                    root = await EditAsync(root, null, edit => edit.Remove(Bytes(folder)));
                    foreach (var path in model.Keys.Where(path => IsWithin(path, folder)).ToList())
                        model.Remove(path);
                    break;
                default:
                    break;
            }
        }

        await CheckAsync(root, model);
    }

    async Task CheckAsync(Dirent root, SortedDictionary<string, string?> model)
    {
        // Names of one inode in the model are names of one inode in the tree, and no others are.
        var inodes = new Dictionary<string, Guid?>(StringComparer.Ordinal);
        var found = 0;
        foreach (var (path, inode) in model)
        {
            var entry = await TreePath.ResolveAsync(_reader, root, Bytes(path));
            Assert.NotNull(entry);
            Assert.Equal(inode is null ? DirentKind.Directory : DirentKind.File, entry.Kind);
            if (inode is null)
                continue;
            Assert.Equal(BlockRef.Literal(Encoding.ASCII.GetBytes(inode.Split(" copied")[0])), entry.Content);
            var names = model.Values.Count(other => other == inode);
            Assert.Equal((uint)names, Math.Max(entry.Metadata.LinkCount, 1));
            if (names > 1)
                Assert.NotNull(entry.Uuid);
            Assert.Equal(inodes.TryGetValue(inode, out var known) ? known : entry.Uuid, entry.Uuid);
            inodes[inode] = entry.Uuid;
        }

        Assert.Equal(inodes.Values.Count(static uuid => uuid is not null), inodes.Values.Where(static uuid => uuid is not null).Distinct().Count());
        await foreach (var _ in WalkAsync(root.Content))
            found++;
        Assert.Equal(model.Count, found);
        await foreach (var inode in _reader.EnumerateAsync(root.Inodes, order: DirectoryOrder.Uuids))
            Assert.Contains(inode.Uuid, inodes.Values);
    }

    [Fact]
    public async Task Folders_in_which_a_name_comes_or_goes_get_the_time_and_others_do_not()
    {
        var root = new Dirent { Kind = DirentKind.Directory };
        root = await EditAsync(root, null, static edit =>
        {
            edit.MakeDirectory("a"u8, new Dirent { Kind = DirentKind.Directory });
            edit.MakeDirectory("a/b"u8, new Dirent { Kind = DirentKind.Directory });
            edit.MakeDirectory("c"u8, new Dirent { Kind = DirentKind.Directory });
        });
        var later = new Timestamp(99, 0);
        var editor = new TreeEditor(_reader, root, later);
        editor.Put("a/b/x"u8, new Dirent { Kind = DirentKind.File });
        var changed = await editor.ApplyAsync(_batch, null);

        Assert.Equal(later, (await TreePath.ResolveAsync(_reader, changed, "a/b"u8.ToArray()))!.Metadata.ModificationTime);
        Assert.NotEqual(later, (await TreePath.ResolveAsync(_reader, changed, "a"u8.ToArray()))!.Metadata.ModificationTime);
        Assert.NotEqual(later, changed.Metadata.ModificationTime);
        Assert.Equal(4u, changed.Metadata.LinkCount);
    }

    [Fact]
    public async Task Something_can_only_be_put_into_a_folder()
    {
        var root = await EditAsync(new Dirent { Kind = DirentKind.Directory }, null, static edit => edit.Put("file"u8, new Dirent { Kind = DirentKind.File }));

        await Assert.ThrowsAsync<UserErrorException>(() => EditAsync(root, null, static edit => edit.Put("file/x"u8, new Dirent { Kind = DirentKind.File })));
        await Assert.ThrowsAsync<UserErrorException>(() => EditAsync(root, null, static edit => edit.Put("none/x"u8, new Dirent { Kind = DirentKind.File })));
    }

    async Task<Dirent> LinkAsync(Dirent root, string path, string added)
    {
        var inode = (await TreePath.ResolveAsync(_reader, root, Bytes(path)))!;
        var isLinked = inode.Uuid is { } uuid && await _reader.LookupInodeAsync(root.Inodes, uuid) is not null;
        var inodes = new List<Dirent>();
        var editor = new TreeEditor(_reader, root, default);
        editor.Link(Bytes(path), Bytes(added), inode, isLinked, inodes);
        if (isLinked)
            return await editor.ApplyAsync(_batch, null);
        var table = await DirectoryBuilder.BuildAsync(_batch, inodes, DirectoryOrder.Uuids);
        await _batch.DrainAsync();
        return await editor.ApplyAsync(_batch, new Dirent { Kind = DirentKind.Directory, Inodes = table.Content });
    }

    async Task<Dirent> EditAsync(Dirent root, Dirent? source, Action<TreeEditor> edit)
    {
        var editor = new TreeEditor(_reader, root, default);
        edit(editor);
        return await editor.ApplyAsync(_batch, source);
    }

    async IAsyncEnumerable<Dirent> WalkAsync(BlockRef folder)
    {
        await foreach (var entry in _reader.EnumerateAsync(folder))
        {
            yield return entry;
            if (entry.Kind != DirentKind.Directory)
                continue;
            await foreach (var below in WalkAsync(entry.Content))
                yield return below;
        }
    }

    static void Rename(SortedDictionary<string, string?> model, string from, string to, bool keep, string mark)
    {
        foreach (var (path, inode) in model.Where(entry => IsWithin(entry.Key, from)).ToList())
        {
            if (!keep)
                model.Remove(path);
            model[to + path[from.Length..]] = inode is null ? null : inode + mark;
        }
    }

    static bool IsWithin(string path, string folder) => path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);

    static byte[] Bytes(string path) => Encoding.ASCII.GetBytes(path);
}
