using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Faults;
using Vt.Tests.Support;

namespace Vt.Tests.Chains;

/// <summary>
/// One random chain, and a random sequence of what its users, its faults and whoever kills its processes do. A block that a flush covered is there and right once nothing goes wrong any more;
/// until then an answer is right, an error, or "absent" where nothing was promised; and every call ends.
/// </summary>
sealed class ChainSequence : IAsyncDisposable
{
    const int Steps = 40;

    static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    // How long a call with a fault that never ends is given before it is cancelled.
    static readonly TimeSpan _enough = TimeSpan.FromMilliseconds(60);

    readonly Random _random;
    readonly ChainShape _shape;
    readonly RandomChain _chain;
    readonly TestBlock[] _blocks;
    readonly List<string> _story = [];

    // What was offered at any time; what a flush of a process covered; what the process of now has added; what of that it was told nothing bad about.
    readonly HashSet<TestBlock> _offered = [];
    readonly HashSet<TestBlock> _safe = [];
    readonly HashSet<TestBlock> _added = [];
    readonly HashSet<TestBlock> _held = [];
    bool _isStuck;
    bool _isLying;

    ChainSequence(int seed)
    {
        _random = new Random(seed);
        _shape = ChainShape.Make(_random);
        _chain = new RandomChain(_shape);
        _blocks = TestBlock.Many(HashAlgorithms.GetHasher(HashAlgorithms.Default), seed, 24, 6_000);
    }

    /// <summary>Runs the sequence of a seed; what was covered by flushes.</summary>
    public static async Task<int> RunAsync(int seed)
    {
        await using var sequence = new ChainSequence(seed);
        try
        {
            for (var step = 0; step < Steps; step++)
                await sequence.StepAsync();
            var safe = sequence._safe.Count;
            await sequence.CheckAsync();
            return safe;
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"seed {seed}: {fault.Message}\n{sequence._shape}\n{string.Join('\n', sequence._story)}", fault);
        }
    }

    public ValueTask DisposeAsync() => _chain.DisposeAsync();

    async Task StepAsync()
    {
        await TryAsync("start servers", _ => _chain.StartServersAsync());
        if (_chain.Store is not { } store)
        {
            await OpenAsync();
            return;
        }

        var some = Enumerable.Range(0, _random.Next(1, 6)).Select(_ => _blocks[_random.Next(_blocks.Length)]).Distinct().ToArray();
        switch (_random.Next(16))
        {
            case < 5:
                await AddAsync(store, some);
                break;
            case < 8:
                await FlushAsync(store);
                break;
            case < 10:
                await ContainsAsync(store, some);
                break;
            case < 13:
                await GetAsync(store, some);
                break;
            case 13:
                await EndAsync(isKilled: false);
                break;
            case 14:
                await KillLaterAsync();
                break;
            default:
                await KillServerAsync();
                break;
        }
    }

    async Task OpenAsync()
    {
        _chain.Rules = MakeRules();
        await TryAsync("open", _chain.OpenAsync);
    }

    // Some processes see no fault at all, most some, at one or two parts.
    Dictionary<int, FaultRule[]> MakeRules()
    {
        var rules = new Dictionary<int, FaultRule[]>();
        (_isStuck, _isLying) = (_isStuck && _chain.Servers.Count > 0, _isLying && _chain.Servers.Count > 0);
        for (var left = _random.Next(3); left > 0; left--)
        {
            var part = _shape.Parts.ElementAt(_random.Next(_shape.Parts.Count()));
            if (part.Number == 0)
                continue;
            var faults = part.IsChecked ? ChainFault.All : ChainFault.OfLast;
            var fault = faults[_random.Next(faults.Count)];
            _isStuck |= fault == nameof(FaultKind.Stuck);
            _isLying |= fault == nameof(FaultKind.AbsentRead);
            rules[part.Number] = ChainFault.Rules(fault, _random.Next(3));
            _story.Add($"{fault} at {part.Number}");
        }

        return rules;
    }

    async Task AddAsync(IBlockStore store, TestBlock[] some)
    {
        _offered.UnionWith(some);
        var (buffer, slots) = TestBlock.Batch(some);
        if (!await TryAsync($"add {Names(some)}", async token => await store.AddManyAsync(buffer, slots, token)))
        {
            _held.Clear();
            return;
        }

        _added.UnionWith(some);
        _held.UnionWith(some);
    }

    async Task FlushAsync(IBlockStore store)
    {
        if (await TryAsync("flush", async token => await store.FlushAsync(token)))
            _safe.UnionWith(_added);
        else
            _held.Clear();
    }

    async Task ContainsAsync(IBlockStore store, TestBlock[] some)
    {
        var present = new bool[some.Length];
        if (!await TryAsync($"contains {Names(some)}", async token => await store.ContainsManyAsync(some.Select(static block => block.Hash).ToArray(), present, token)))
            return;
        for (var i = 0; i < some.Length; i++)
            Check(some[i], present[i]);
    }

    async Task GetAsync(IBlockStore store, TestBlock[] some)
    {
        var leases = new BlockLease[some.Length];
        if (!await TryAsync($"get {Names(some)}", async token => await store.GetManyAsync(some.Select(static block => block.Hash).ToArray(), leases, token)))
        {
            Require(leases.All(static lease => !lease.IsPresent), "a lease came with an exception");
            return;
        }

        for (var i = 0; i < some.Length; i++)
        {
            using var lease = leases[i];
            Require(!lease.IsPresent || lease.Span.SequenceEqual(some[i].Bytes), $"{Names(some[i])} has other bytes");
            if (lease.IsPresent || !_isLying)
                Check(some[i], lease.IsPresent);
        }
    }

    // In order, or killed: what it had not flushed may be there afterwards or not.
    async Task EndAsync(bool isKilled)
    {
        if (isKilled)
            _chain.KillAfter(0);
        await TryAsync(isKilled ? "die" : "close", _ => _chain.CloseAsync());
        _added.Clear();
        _held.Clear();
    }

    // At once, or in the middle of one of the next calls.
    async Task KillLaterAsync()
    {
        var steps = _random.Next(12);
        _chain.KillAfter(steps);
        _story.Add($"die after {steps}");
        for (var calls = steps == 0 ? 0 : 3; calls > 0 && _chain.Store is { } store; calls--)
        {
            var some = new[] { _blocks[_random.Next(_blocks.Length)], _blocks[_random.Next(_blocks.Length)] }.Distinct().ToArray();
            await (calls == 2 ? FlushAsync(store) : AddAsync(store, some));
        }

        await EndAsync(isKilled: true);
    }

    async Task KillServerAsync()
    {
        if (_chain.Servers.Count == 0)
            return;
        var index = _random.Next(_chain.Servers.Count);
        var server = _chain.Servers.ElementAt(index);
        var steps = _random.Next(2) * _random.Next(1, 12);
        _story.Add($"server {index} dies after {steps}");
        if (steps > 0)
        {
            // In the middle of what comes next, which it answers with errors until it is gone.
            server.Process.KillAfter(steps);
            var some = _blocks.Skip(_random.Next(20)).Take(4).ToArray();
            await AddAsync(_chain.Store!, some);
            await FlushAsync(_chain.Store!);
        }

        await TryAsync("bury", _ => server.KillAsync());
    }

    async Task CheckAsync()
    {
        _story.Add("all is well again");
        (_isStuck, _isLying) = (false, false);
        await WithinAsync(_chain.KillAllAsync());
        (_chain.Rules, _chain.Patience) = ([], _patience);
        if (_random.Next(2) == 0)
            _chain.DropCaches();
        await WithinAsync(_chain.StartServersAsync());
        await WithinAsync(_chain.OpenAsync(CancellationToken.None));
        var store = _chain.Store!;
        await CheckAllAsync(store, _safe);
        await WithinAsync(TestBlock.AddAsync(store, _blocks));
        await WithinAsync(store.FlushAsync().AsTask());
        if (store is IStoreLag lagging)
            await WithinAsync(lagging.CatchUpAsync());
        await CheckAllAsync(store, _blocks);
    }

    async Task CheckAllAsync(IBlockStore store, IReadOnlyCollection<TestBlock> blocks)
    {
        foreach (var block in blocks)
        {
            var isThere = false;
            await WithinAsync(Task.Run(async () => isThere = await TestBlock.IsInAsync(store, block)));
            Require(isThere, $"{Names(block)} was covered by a flush and is gone");
        }
    }

    void Check(TestBlock block, bool isPresent)
    {
        Require(isPresent || !_safe.Contains(block), $"{Names(block)} was covered by a flush and is said to be absent");
        Require(isPresent || !_held.Contains(block), $"{Names(block)} was added and is said to be absent");
        Require(!isPresent || _offered.Contains(block), $"{Names(block)} was never offered and is said to be there");
    }

    async Task<bool> TryAsync(string what, Func<CancellationToken, Task> call)
    {
        _story.Add(what);
        using var enough = new CancellationTokenSource();
        if (_isStuck)
            enough.CancelAfter(_enough);
        try
        {
            await WithinAsync(call(enough.Token));
            return true;
        }
        catch (Exception told) when (ChainFault.IsTold(told))
        {
            _story.Add($"  {told.GetType().Name}: {told.Message}");
            return false;
        }
    }

    static async Task WithinAsync(Task call)
    {
        try
        {
            await call.WaitAsync(_patience);
        }
        catch (TimeoutException) when (!call.IsCompleted)
        {
            Require(false, "that is stuck");
        }
    }

    string Names(params IEnumerable<TestBlock> blocks) => string.Join(' ', blocks.Select(block => Array.IndexOf(_blocks, block)));

    static void Require(bool isSo, string otherwise) => Assert.True(isSo, otherwise);
}
