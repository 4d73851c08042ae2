using Vt.Blocks.Contracts;
using Vt.Stores.Cache;
using Vt.Stores.Chains;
using Vt.Stores.DataDir;
using Vt.Stores.Faults;
using Vt.Stores.Memory;
using Vt.Stores.Platonic;
using Vt.Stores.Progress;
using Vt.Stores.Proxy;
using Vt.Tests.Support;

namespace Vt.Tests.Chains;

/// <summary>
/// A chain of any shape, each part opened late and anew as the configuration does it, with two users in processes of their own, which can be killed as its servers can. What is on disks, and
/// was flushed to other machines, outlives that.
/// </summary>
sealed class RandomChain(ChainShape shape) : IAsyncDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly MemoryStore[] _memories = [.. shape.Parts.Select(static _ => new MemoryStore())];
    readonly Dictionary<int, ChainServer> _servers = [];

    // Read by servers that open their stores at any time.
    volatile Dictionary<int, FaultRule[]> _rules = [];
    /// <summary>What goes wrong in parts that are opened from now on, by their numbers.</summary>
    public Dictionary<int, FaultRule[]> Rules
    {
        set => _rules = value;
    }

    /// <summary>How long lines that are opened from now on wait for who is at their other ends.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Who uses it.</summary>
    public IReadOnlyList<ChainUser> Users { get; } = [new ChainUser(), new ChainUser()];

    /// <summary>The servers, those that are used by others behind these.</summary>
    public IReadOnlyCollection<ChainServer> Servers => _servers.Values;

    /// <summary>Opens the chain in a new process of a user.</summary>
    /// <exception cref="Exception">A fault stands against it.</exception>
    public async Task OpenAsync(ChainUser user, CancellationToken cancellationToken)
    {
        user.Process = new MortalProcess();
        user.Store = await MakeAsync(shape, user.Process).WaitAsync(cancellationToken);
    }

    /// <summary>Closes the chain, or buries what was killed.</summary>
    public static async Task CloseAsync(ChainUser user)
    {
        var store = user.Store;
        user.Store = null;
        if (store is not null)
            await store.DisposeAsync();
    }

    /// <summary>Starts the servers that were killed, the farthest first.</summary>
    public async Task StartServersAsync()
    {
        foreach (var (_, server) in _servers.OrderByDescending(static one => one.Key).ToArray())
            await server.StartAsync();
    }

    /// <summary>Kills whatever runs.</summary>
    public async Task KillAllAsync()
    {
        foreach (var user in Users)
        {
            user.Process.KillAfter(0);
            await CloseAsync(user);
        }

        foreach (var server in _servers.Values.ToArray())
            await server.KillAsync();
    }

    /// <summary>Empties the caches that nothing waits in, so that what follows is read from what is behind them.</summary>
    public void DropCaches()
    {
        foreach (var part in shape.Parts.Where(part => part.Kind == ChainPart.Cache && Directory.Exists(PathOf(part))))
            Directory.Delete(PathOf(part), recursive: true);
    }

    /// <summary>What lasts of each store at the far ends: of other machines at any time, of disks when nobody uses them.</summary>
    /// <param name="withDisks">Whether to open the disks.</param>
    public IEnumerable<IBlockStore> OpenEnds(bool withDisks)
    {
        foreach (var part in shape.Parts)
        {
            if (part.Kind == ChainPart.Memory)
                yield return _memories[part.Number];
            if (part.Kind == ChainPart.Disk && withDisks && Directory.Exists(PathOf(part)))
                yield return DataDirStore.Open(PathOf(part), new DataDirOptions { IsReadOnly = true });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAllAsync();
        foreach (var server in _servers.Values)
            await server.DisposeAsync();
        _folder.Dispose();
    }

    string PathOf(ChainShape part) => _folder[$"{part.Kind}{part.Number}"];

    async Task<IBlockStore> MakeAsync(ChainShape part, MortalProcess process)
    {
        var store = await MakeSoundAsync(part, process);
        return _rules.TryGetValue(part.Number, out var rules) ? new FaultyStore(store, rules) : store;
    }

    async Task<IBlockStore> MakeSoundAsync(ChainShape part, MortalProcess process)
    {
        switch (part.Kind)
        {
            case ChainPart.Disk:
                if (!Directory.Exists(PathOf(part)))
                    DataDirStore.Initialise(PathOf(part));
                return DataDirStore.Open(PathOf(part), new DataDirOptions { Boundary = process.Boundary });
            case ChainPart.Memory:
                return new MortalStore(new ForgetfulStore(_memories[part.Number]), process, isOwned: true);
            case ChainPart.Cache or ChainPart.Queue:
                return Cached(PathOf(part), await LateAsync(part.Behind[0], process), process, part.Kind == ChainPart.Queue);
            case ChainPart.Socket or ChainPart.Web:
                return new MortalStore(await (await ServerAsync(part)).OpenAsync(), process, isOwned: true);
            case ChainPart.Pair:
                var (one, two) = (await LateAsync(part.Behind[0], process), await LateAsync(part.Behind[1], process));
                return new ProxyStore(new ProxyRoles { Save = [one, two], Read = [one, two] }, Proxied);
            case ChainPart.Near:
                var (near, far) = (await LateAsync(part.Behind[0], process), await LateAsync(part.Behind[1], process));
                return new ProxyStore(new ProxyRoles { Save = [far], Read = [near], ReadElse = [far], Copy = [near] }, Proxied);
            case ChainPart.Progress:
                return new ProgressStore(await LateAsync(part.Behind[0], process));
            default:
                return await PlatonicStore.OpenAsync(
                    await LateAsync(part.Behind[0], process), new PlatonicOptions { Folder = _folder.Make("files"), State = PathOf(part), Boundary = process.Boundary });
        }
    }

    // One that was killed is started by whoever looks after servers, not by its clients.
    async Task<ChainServer> ServerAsync(ChainShape part)
    {
        ChainServer? server;
        bool isNew;
        lock (_servers)
        {
            isNew = !_servers.TryGetValue(part.Number, out server);
            if (server is null)
            {
                // A web server has its store for as long as it runs, a server at a socket opens it anew where that has to be.
                var isWeb = part.Kind == ChainPart.Web;
                server = new ChainServer(
                    isWeb, _folder[$"{part.Number}.sock"], async process => isWeb ? await LateAsync(part.Behind[0], process) : await MakeAsync(part.Behind[0], process), () => Patience);
                _servers.Add(part.Number, server);
            }
        }

        if (isNew)
            await server.StartAsync();
        return server;
    }

    async Task<IBlockStore> LateAsync(ChainShape part, MortalProcess process)
    {
        var late = new LateStore($"late {part.Number}", _ => MakeAsync(part, process), TimeProvider.System);
        await late.OpenAsync(CancellationToken.None);
        return late;
    }

    static ProxyOptions Proxied => new() { FirstPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(3), HedgeDelay = TimeSpan.FromMilliseconds(20), FarDelay = TimeSpan.FromMilliseconds(20) };

    static CacheStore Cached(string path, IBlockStore behind, MortalProcess process, bool isWriteback) => new(path, behind, new CacheOptions
    {
        IsWriteback = isWriteback,
        MostBytes = CacheOptions.SmallestSize,
        FirstPause = TimeSpan.FromMilliseconds(1),
        LongestPause = TimeSpan.FromMilliseconds(3),
        SendDelay = TimeSpan.FromMilliseconds(3),
        Linger = TimeSpan.FromMilliseconds(50),
        Boundary = process.Boundary,
    });
}
