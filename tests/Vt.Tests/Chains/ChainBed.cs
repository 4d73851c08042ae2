using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Posix;
using Vt.Stores.Cache;
using Vt.Stores.Chains;
using Vt.Stores.DataDir;
using Vt.Stores.Faults;
using Vt.Stores.Memory;
using Vt.Stores.Platonic;
using Vt.Stores.Progress;
using Vt.Stores.Proxy;
using Vt.Stores.Streams;
using Vt.Tests.Http;
using Vt.Tests.Streams;
using Vt.Tests.Support;

namespace Vt.Tests.Chains;

/// <summary>
/// Chains as users have them, each part opened late and anew as the configuration does it, with a store that does wrong at one layer. What lies farthest outlives
/// the chain, so that it can be opened again without the fault.
/// </summary>
sealed class ChainBed : IAsyncDisposable
{
    public const string Served = "cache, socket, datadir";
    public const string Both = "cache, proxy of socket and datadir";
    public const string Queue = "writeback, socket";
    public const string Laptop = "writeback, cache, proxy of two";
    public const string Web = "socket, cache, http, datadir";
    public const string Near = "near before far";
    public const string Files = "progress, platonic, bounded datadir";

    static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(120);

    readonly string _chain;
    readonly string _layer;
    readonly TempFolder _folder = new(inMemory: true);
    readonly Dictionary<string, MemoryStore> _memories = [];

    public ChainBed(string chain, string layer)
    {
        (_chain, _layer) = (chain, layer);
        foreach (var name in (string[])["one", "two"])
            DataDirStore.Initialise(_folder[name]);
        _folder.Make("files");
        File.WriteAllBytes(_folder["files/of its own"], PlatonicContent);
    }

    /// <summary>The chains, the layers of each, and whether somebody above a layer compares bytes with names.</summary>
    public static IReadOnlyList<(string Chain, string Layer, bool IsChecked)> Layers { get; } =
    [
        (Served, "behind the cache", true), (Served, "behind the server", true),
        (Both, "behind the cache", true), (Both, "first", true), (Both, "behind the server", true), (Both, "second", true),
        (Queue, "behind the queue", true), (Queue, "behind the server", true),
        (Laptop, "behind the queue", true), (Laptop, "behind the cache", true), (Laptop, "first", true), (Laptop, "second", true),
        (Web, "behind the server", true), (Web, "behind the cache", true), (Web, "behind the web server", true),
        (Near, "near", true), (Near, "far", true),
        (Files, "behind the progress", false), (Files, "meta", true),
    ];

    static byte[] PlatonicContent { get; } = [.. Enumerable.Range(0, 50_000).Select(static i => (byte)(i * i >> 7))];

    public string this[string name] => _folder[name];

    public string Folder => _folder.Path;

    /// <summary>Opens the chain.</summary>
    /// <param name="rules">What goes wrong; nothing where there are none.</param>
    public async Task<OpenChain> OpenAsync(params FaultRule[] rules)
    {
        var open = new OpenChain();
        var isOpen = false;
        try
        {
            await OpenAsync(open, rules);
            isOpen = true;
            return open;
        }
        finally
        {
            if (!isOpen)
                await open.DisposeAsync();
        }
    }

    /// <summary>The stores that each have to have all that was acknowledged, once what was queued is sent.</summary>
    public IReadOnlyList<IBlockStore> Keepers() => _chain switch
    {
        Served or Web => [DataDirStore.Open(_folder["one"])],
        Both => [DataDirStore.Open(_folder["one"]), DataDirStore.Open(_folder["two"])],
        Laptop => [Memory("first"), Memory("second")],
        Queue => [Memory("far")],
        Near => [Memory("far")],
        _ => [],
    };

    /// <summary>Empties the caches, so that what follows is read from what is behind them.</summary>
    public void DropCaches()
    {
        if (Directory.Exists(_folder["cache"]))
            Directory.Delete(_folder["cache"], recursive: true);
    }

    /// <summary>What a killed process would leave of an archive and its state folder.</summary>
    public void CopyArchive(string from, string to)
    {
        CopyFile(from, to);
        Directory.CreateDirectory(_folder[to + LiveArchive.StateFolderExtension]);
        foreach (var file in Directory.GetFiles(_folder[from + LiveArchive.StateFolderExtension]).Select(Path.GetFileName).Where(static name => name != "lock"))
            CopyFile(Path.Combine(from + LiveArchive.StateFolderExtension, file!), Path.Combine(to + LiveArchive.StateFolderExtension, file!));
    }

    // Unlike File.Copy takes no lock. What is gone meanwhile nobody needs any more.
    void CopyFile(string from, string to)
    {
        if (PosixFile.TryOpen(_folder[from], OpenFlags.O_RDONLY, 0, out var file) != Errno.OK)
            return;
        using (file)
        {
            var bytes = new byte[PosixFile.Fstat(file).Size];
            File.WriteAllBytes(_folder[to], bytes[..PosixFile.PreadUpTo(file, bytes, 0)]);
        }
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return default;
    }

    async Task OpenAsync(OpenChain open, FaultRule[] rules)
    {
        IBlockStore At(string layer, IBlockStore store) => rules.Length > 0 && layer == _layer ? new FaultyStore(store, rules) : store;
        IBlockStore One() => DataDirStore.Open(_folder["one"]);
        IBlockStore Two() => DataDirStore.Open(_folder["two"]);
        Task<IBlockStore> DoneAsync(IBlockStore store) => Task.FromResult(store);
        switch (_chain)
        {
            case Served:
                var socket = open.Own(ServedStore.Start(() => At("behind the server", One())));
                open.Top(Cached(await LateAsync(async () => At("behind the cache", await OpenStreamAsync(socket))), "cache"));
                break;
            case Both:
                var first = open.Own(ServedStore.Start(() => At("behind the server", One())));
                open.Top(Cached(
                    await LateAsync(async () => At("behind the cache", Pair(
                        await LateAsync(async () => At("first", await OpenStreamAsync(first))), await LateAsync(() => DoneAsync(At("second", Two())))))),
                    "cache"));
                break;
            case Queue:
                var far = open.Own(ServedStore.Start(() => At("behind the server", Memory("far"))));
                open.Top(Cached(await LateAsync(async () => At("behind the queue", await OpenStreamAsync(far))), "queue", isWriteback: true));
                break;
            case Laptop:
                async Task<IBlockStore> BehindAsync() => At("behind the cache", Pair(
                    await LateAsync(() => DoneAsync(At("first", Memory("first")))), await LateAsync(() => DoneAsync(At("second", Memory("second"))))));
                open.Top(Cached(await LateAsync(async () => At("behind the queue", Cached(await LateAsync(BehindAsync), "cache"))), "queue", isWriteback: true));
                break;
            case Web:
                var web = open.Own(await HttpBed.StartAsync(At("behind the web server", open.Own(One())), static options => options with { Drain = _patience }));
                async Task<IBlockStore> ClientAsync() => At("behind the cache", await web.OpenAsync(static settings => settings with { Timeout = _patience }));
                var near = open.Own(ServedStore.Start(async () => At("behind the server", Cached(await LateAsync(ClientAsync), "cache"))));
                open.Top(await OpenStreamAsync(near));
                break;
            case Near:
                var (front, back) = (await LateAsync(() => DoneAsync(At("near", Memory("near")))), await LateAsync(() => DoneAsync(At("far", Memory("far")))));
                open.Top(new ProxyStore(new ProxyRoles { Save = [back], Read = [front], ReadElse = [back], Copy = [front] }, Proxied));
                break;
            default:
                var meta = await LateAsync(() => DoneAsync(At("meta", DataDirStore.Open(_folder["one"], new DataDirOptions { MostBytes = 64 << 20 }))));
                var files = await PlatonicStore.OpenAsync(meta, new PlatonicOptions { Folder = _folder["files"], State = _folder["state"] });
                open.Top(new ProgressStore(At("behind the progress", files)));
                break;
        }
    }

    static ProxyOptions Proxied => new() { FirstPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(3), HedgeDelay = TimeSpan.FromMilliseconds(20), FarDelay = TimeSpan.FromMilliseconds(20) };

    static ProxyStore Pair(IBlockStore one, IBlockStore two) => new(new ProxyRoles { Save = [one, two], Read = [one, two] }, Proxied);

    CacheStore Cached(IBlockStore behind, string name, bool isWriteback = false) => new(_folder[name], behind, new CacheOptions
    {
        IsWriteback = isWriteback,
        MostBytes = CacheOptions.SmallestSize,
        FirstPause = TimeSpan.FromMilliseconds(1),
        LongestPause = TimeSpan.FromMilliseconds(3),
        SendDelay = TimeSpan.FromMilliseconds(3),
        Linger = TimeSpan.FromMilliseconds(50),
    });

    static Task<StreamStore> OpenStreamAsync(ServedStore served) => served.OpenAsync(served.ClientOptions with { Patience = _patience });

    static async Task<LateStore> LateAsync(Func<Task<IBlockStore>> make)
    {
        var late = new LateStore("late", _ => make(), TimeProvider.System);
        await late.OpenAsync(CancellationToken.None);
        return late;
    }

    MemoryStore Memory(string name)
    {
        lock (_memories)
        {
            if (!_memories.TryGetValue(name, out var memory))
                _memories.Add(name, memory = new MemoryStore());
            return memory;
        }
    }
}
