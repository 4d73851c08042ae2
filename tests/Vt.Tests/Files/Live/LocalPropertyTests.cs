using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Files;
using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using static Vt.Tests.Files.Live.LiveBed;

namespace Vt.Tests.Files.Live;

/// <summary>Whatever is done under whatever rules: a mount shows what was done, after kills too, and a state has what is not local.</summary>
public sealed class LocalPropertyTests
{
    const int Steps = 120;

    static readonly string[] _names = ["a", "b", "c.o", "keep.o", "build", "d"];

    static readonly LocalRules[] _rules =
    [
        LocalRules.None,
        LocalRules.None.With("*.o"u8, true),
        LocalRules.None.With("keep.o"u8, false).With("*.o"u8, true).With("/build"u8, true),
        LocalRules.None.With("build/"u8, true).With("/d/a"u8, true),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(null)]
    public async Task Random_operations_survive_kills_and_states_have_what_is_not_local(int? given)
    {
        var seed = given ?? System.Random.Shared.Next();
        var trace = new List<string>();
        await using var bed = new LiveBed();
        try
        {
            await RunAsync(bed, new Random(seed), trace);
        }
        catch (Exception fault) when (fault is Xunit.Sdk.XunitException or BlockMissingException or FormatInvalidException or UserErrorException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidOperationException($"seed {seed}, after\n{string.Join('\n', trace)}\n{fault.Message}", fault);
        }
    }

    static async Task RunAsync(LiveBed bed, Random random, List<string> trace)
    {
        var model = new LocalModel();
        bed.Rules = _rules[2];
        model.SetRules(bed.Rules);
        await bed.OpenAsync();
        for (var i = 0; i < Steps; i++)
        {
            await StepAsync(bed, model, random, trace);
            if (i % 10 == 9)
                await CompareAsync(bed, model);
        }

        bed.Store.Fault = null;
        await bed.CloseAsync();
        await CompareStateAsync(bed, model);
        trace.Add("close");
        bed.Rules = null;
        await bed.OpenAsync();
        await CompareAsync(bed, model);
    }

    static async Task StepAsync(LiveBed bed, LocalModel model, Random random, List<string> trace)
    {
        switch (random.Next(24))
        {
            case < 5:
                await MakeAsync(bed, model, random, trace, isDirectory: random.Next(3) == 0);
                break;
            case < 9:
                await WriteAsync(bed, model, random, trace);
                break;
            case < 11:
                await RemoveAsync(bed, model, random, trace);
                break;
            case < 16:
                await RenameAsync(bed, model, random, trace);
                break;
            case < 18:
                await LinkAsync(bed, model, random, trace);
                break;
            case < 20:
                trace.Add("checkpoint");
                bed.Store.Fault = null;
                await bed.Files.CheckpointAsync();
                await CompareStateAsync(bed, model);
                break;
            case 20:
                trace.Add("failing checkpoint");
                bed.Store.Fault = new StoreUnavailableException("store", "it is away, by plan");
                try
                {
                    await bed.Files.CheckpointAsync();
                }
                catch (StoreUnavailableException)
                {
                    // As planned.
                }

                bed.Store.Fault = null;
                break;
            case 21:
                trace.Add("close and open");
                await bed.CloseAsync();
                bed.Rules = null;
                await ChangeRulesAsync(bed, model, random, trace);
                break;
            case 22:
                trace.Add("fsync and kill, other rules");
                await bed.FsyncAsync();
                bed.Rules = _rules[random.Next(_rules.Length)];
                trace.Add($"rules {Array.IndexOf(_rules, bed.Rules)}");
                await bed.KillAsync();
                model.SetRules(bed.Rules);
                bed.Rules = null;
                await CompareAsync(bed, model);
                break;
            default:
                trace.Add("fsync and kill");
                await bed.FsyncAsync();
                bed.Rules = null;
                await bed.KillAsync();
                await CompareAsync(bed, model);
                break;
        }
    }

    static async Task ChangeRulesAsync(LiveBed bed, LocalModel model, Random random, List<string> trace)
    {
        // An orderly end forgets the rules where nothing is local.
        var rules = random.Next(2) == 0 ? _rules[random.Next(_rules.Length)]
            : model.List(withLocal: true).Count() > model.List(withLocal: false).Count() ? null
            : LocalRules.None;
        bed.Rules = rules == LocalRules.None && random.Next(2) == 0 ? null : rules;
        trace.Add($"rules {Array.IndexOf(_rules, rules)}");
        if (bed.Rules is null && rules == LocalRules.None && model.List(withLocal: true).Count() > model.List(withLocal: false).Count())
            bed.Rules = LocalRules.None;
        await bed.OpenAsync();
        if (rules is not null)
            model.SetRules(rules);
        bed.Rules = null;
        await CompareAsync(bed, model);
    }

    static async Task MakeAsync(LiveBed bed, LocalModel model, Random random, List<string> trace, bool isDirectory)
    {
        var directory = AnyDirectory(model, random);
        string[] path = [.. directory, _names[random.Next(_names.Length)]];
        if (model.Find(path) is not null || path.Length > 4)
            return;
        trace.Add($"{(isDirectory ? "mkdir" : "make")} {string.Join('/', path)}");
        await AtAsync(bed, directory, at => isDirectory ? bed.MkdirAsync(path[^1], at) : bed.MakeAsync(path[^1], at));
        await ForgetAsync(bed, path, 1);
        model.Enter(path, new LocalModelNode { Children = isDirectory ? [] : null });
    }

    static async Task WriteAsync(LiveBed bed, LocalModel model, Random random, List<string> trace)
    {
        if (Any(model, random, static node => node.Children is null) is not { } path)
            return;
        var node = model.Find(path)!;
        var length = random.Next(4) == 0 ? random.Next(70_000, 90_000) : random.Next(1, 3000);
        var offset = random.Next(node.Content.Length + 1);
        trace.Add($"write {string.Join('/', path)} {offset} {length}");
        var bytes = Random(length, random.Next());
        await AtAsync(bed, path, file => bed.WriteAsync(file, offset, bytes));
        var content = new byte[Math.Max(node.Content.Length, offset + length)];
        node.Content.CopyTo(content, 0);
        bytes.CopyTo(content, offset);
        node.Content = content;
    }

    static async Task RemoveAsync(LiveBed bed, LocalModel model, Random random, List<string> trace)
    {
        if (Any(model, random, static node => node.Children is null or { Count: 0 }) is not { } path)
            return;
        trace.Add($"remove {string.Join('/', path)}");
        await AtAsync(bed, path[..^1], async at => Assert.Equal(
            Errno.OK, model.Find(path)!.Children is null ? await bed.Files.UnlinkAsync(at, Bytes(path[^1])) : await bed.Files.RmdirAsync(at, Bytes(path[^1]))));
        model.Remove(path);
    }

    static async Task RenameAsync(LiveBed bed, LocalModel model, Random random, List<string> trace)
    {
        if (Any(model, random, static _ => true) is not { } path)
            return;
        string[] to = [.. AnyDirectory(model, random), _names[random.Next(_names.Length)]];
        var (moved, replaced) = (model.Find(path)!, model.Find(to));
        var isExchange = replaced is not null && random.Next(3) == 0;
        if (to.Take(path.Length).SequenceEqual(path) || to.Length > 4 || moved == replaced || (isExchange && path.Take(to.Length).SequenceEqual(to)))
            return;
        if (replaced is not null && !isExchange && (replaced.Children is { Count: > 0 } || replaced.Children is null != moved.Children is null))
            return;
        trace.Add($"{(isExchange ? "exchange" : "rename")} {string.Join('/', path)} {string.Join('/', to)}");
        await AtAsync(bed, path[..^1], from => AtAsync(bed, to[..^1], async at => Assert.Equal(
            Errno.OK,
            await bed.Files.RenameAsync(default, from, Bytes(path[^1]), at, Bytes(to[^1]), isExchange ? RenameOptions.Exchange : RenameOptions.None))));
        model.Remove(path);
        if (replaced is not null)
            model.Remove(to);
        model.Enter(to, moved);
        if (isExchange)
            model.Enter(path, replaced!);
    }

    static async Task LinkAsync(LiveBed bed, LocalModel model, Random random, List<string> trace)
    {
        string[] to = [.. AnyDirectory(model, random), _names[random.Next(_names.Length)]];
        if (Any(model, random, static node => node.Children is null) is not { } path || model.Find(to) is not null)
            return;
        trace.Add($"link {string.Join('/', path)} {string.Join('/', to)}");
        await AtAsync(bed, path, file => AtAsync(bed, to[..^1], async at => Value(await bed.Files.LinkAsync(file, at, Bytes(to[^1])))));
        await ForgetAsync(bed, to, 1);
        model.Enter(to, model.Find(path)!);
    }

    static string[] AnyDirectory(LocalModel model, Random random)
    {
        var all = model.List(withLocal: true).Where(static entry => entry.Node.Children is not null).ToList();
        var chosen = random.Next(all.Count + 1);
        return chosen == all.Count ? [] : all[chosen].Path.Split('/');
    }

    static string[]? Any(LocalModel model, Random random, Predicate<LocalModelNode> isMeant)
    {
        var all = model.List(withLocal: true).Where(entry => isMeant(entry.Node)).ToList();
        return all.Count == 0 ? null : all[random.Next(all.Count)].Path.Split('/');
    }

    static Task<bool> AtAsync(LiveBed bed, string[] path, Func<NodeId, Task> work) => AtAsync(bed, path, async node =>
    {
        await work(node);
        return true;
    });

    // Nothing is known to the kernel but while it is used.
    static async Task<T> AtAsync<T>(LiveBed bed, string[] path, Func<NodeId, Task<T>> work)
    {
        var nodes = new List<NodeId>();
        var at = NodeId.Root;
        foreach (var name in path)
        {
            at = Value(await bed.Files.LookupAsync(at, Bytes(name))).Node;
            nodes.Add(at);
        }

        var result = await work(at);
        nodes.ForEach(node => bed.Files.Forget(node, 1));
        return result;
    }

    static async Task ForgetAsync(LiveBed bed, string[] path, ulong lookups) => await AtAsync(bed, path, node =>
    {
        bed.Files.Forget(node, lookups);
        return Task.CompletedTask;
    });

    static async Task CompareAsync(LiveBed bed, LocalModel model)
    {
        var links = LinksOf(model, withLocal: true);
        await CompareAsync([], model.Root);
        var local = model.List(withLocal: true).Select(static entry => entry.Node).Distinct().Except(model.List(withLocal: false).Select(static entry => entry.Node)).ToList();
        var status = bed.Files.GetStatus();
        Assert.Equal((local.Count, local.Sum(static node => (long)node.Content.Length)), (status.LocalInodes, status.LocalBytes));

        async Task CompareAsync(string[] path, LocalModelNode directory)
        {
            foreach (var name in _names)
            {
                string[] below = [.. path, name];
                if (!directory.Children!.TryGetValue(name, out var entry))
                {
                    Assert.False(await AtAsync(bed, path, at => bed.ExistsAsync(name, at)), $"{string.Join('/', below)} is there");
                    continue;
                }

                await AtAsync(bed, below, async node =>
                {
                    var stat = Value(await bed.Files.GetattrAsync(node));
                    if (entry.Node.Children is { } children)
                    {
                        Assert.Equal(2 + children.Count(static child => child.Value.Node.Children is not null), (int)stat.Links);
                        return;
                    }

                    var content = new byte[stat.Size];
                    Assert.Equal(stat.Size, Value(await bed.Files.ReadAsync(node, 0, content)));
                    Assert.True(entry.Node.Content.AsSpan().SequenceEqual(content), $"{string.Join('/', below)} has another content");
                    Assert.True(links[entry.Node] == stat.Links, $"{string.Join('/', below)} has {stat.Links} names, not {links[entry.Node]}");
                });
                if (entry.Node.Children is not null)
                    await CompareAsync(below, entry.Node);
            }
        }
    }

    static Dictionary<LocalModelNode, uint> LinksOf(LocalModel model, bool withLocal) =>
        model.List(withLocal).GroupBy(static entry => entry.Node).ToDictionary(static group => group.Key, static group => (uint)group.Count());

    // The newest state, with its own eyes.
    static async Task CompareStateAsync(LiveBed bed, LocalModel model)
    {
        var links = LinksOf(model, withLocal: false);
        var expected = model.List(withLocal: false).ToList();
        var reader = new DirectoryReader(bed.Store, new DirectoryNodeCache(1 << 20));
        var root = bed.States[^1].Root;
        var found = new List<string>();
        var linked = new HashSet<Guid>();
        await AddAsync(root, "");
        Assert.Equal(expected.Select(static entry => entry.Path), found);
        var table = 0;
        await foreach (var entry in reader.EnumerateAsync(root.Inodes, order: DirectoryOrder.Uuids))
            table++;
        Assert.Equal(linked.Count, table);

        async Task AddAsync(Dirent directory, string path)
        {
            var subdirectories = 0u;
            await foreach (var listed in reader.EnumerateAsync(directory.Content))
            {
                var below = path + LosslessText.FromBytes(listed.Name.Span);
                found.Add(below);
                var entry = listed;
                var node = expected.Find(candidate => candidate.Path == below).Node;
                Assert.True(node is not null, $"{below} is stored");
                if (listed is { Kind: DirentKind.Indirect, Uuid: { } uuid })
                {
                    linked.Add(uuid);
                    entry = (await reader.LookupInodeAsync(root.Inodes, uuid))!;
                    Assert.True(links[node] == entry.Metadata.LinkCount, $"{below} is stored with {entry.Metadata.LinkCount} names, not {links[node]}");
                }
                else
                {
                    Assert.True(node.Children is not null || links[node] == 1, $"{below} is stored as if it had one name");
                }

                if (entry.Kind == DirentKind.Directory)
                {
                    subdirectories++;
                    await AddAsync(entry, below + "/");
                    continue;
                }

                var content = new byte[entry.Content.Span];
                await new BlockTreeReader(bed.Store, entry.Content).ReadAsync(0, content);
                Assert.True(node.Content.AsSpan().SequenceEqual(content), $"{below} is stored with another content");
            }

            Assert.Equal(2 + subdirectories, directory.Metadata.LinkCount);
        }
    }
}
