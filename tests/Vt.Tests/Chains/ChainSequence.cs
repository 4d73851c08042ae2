using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Faults;
using Vt.Tests.Support;

namespace Vt.Tests.Chains;

/// <summary>
/// One random chain, and a random sequence of what its two users, its faults and whoever kills its processes do. A block that a flush of a user covered, since that user had added it or was told
/// that it is there, is there and right once nothing goes wrong any more, and where a reference leads to it at any moment; until then an answer is right, an error, or "absent" where nothing was
/// promised; and every call ends.
/// </summary>
sealed partial class ChainSequence : IAsyncDisposable
{
    const int Steps = 40;

    static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    static readonly TimeSpan _allPatience = TimeSpan.FromMinutes(3);

    // How long a call with a fault that never ends is given before it is cancelled.
    static readonly TimeSpan _enough = TimeSpan.FromMilliseconds(60);

    readonly Random _random;
    readonly ChainShape _shape;
    readonly RandomChain _chain;
    readonly TestBlock[] _blocks;
    readonly List<string> _story = [];

    // What was offered at any time; what a flush of a process covered.
    readonly HashSet<TestBlock> _offered = [];
    readonly HashSet<TestBlock> _safe = [];
    bool _isStuck;
    bool _isLying;

    ChainSequence(int seed)
    {
        _random = new Random(seed);
        _shape = ChainShape.Make(_random);
        _chain = new RandomChain(_shape);
        _blocks = TestBlock.Many(Hasher, seed, 24, 6_000);
    }

    static BlockHasher Hasher => HashAlgorithms.GetHasher(HashAlgorithms.Default);

    /// <summary>Runs the sequence of a seed; how many blocks were covered by flushes, and how often a reference was moved.</summary>
    public static async Task<(int Covered, int Moves)> RunAsync(int seed)
    {
        var sequence = new ChainSequence(seed);
        try
        {
            // All of it, so that whatever is stuck says its seed and what was done.
            return await sequence.GoThroughAsync().WaitAsync(_allPatience);
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"seed {seed}: {fault.Message}\n{sequence._shape}\n{string.Join('\n', sequence._story.ToArray())}", fault);
        }
    }

    async Task<(int Covered, int Moves)> GoThroughAsync()
    {
        await using (this)
        {
            for (var step = 0; step < Steps; step++)
                await StepAsync();
            var safe = _safe.Count;
            await CheckAsync();
            _story.Add("end");
            return (safe, _moves);
        }
    }

    public ValueTask DisposeAsync() => _chain.DisposeAsync();

    async Task StepAsync()
    {
        await TryAsync("start servers", _ => _chain.StartServersAsync());
        var user = _chain.Users[_random.Next(_chain.Users.Count)];
        if (user.Store is null)
        {
            await OpenAsync(user);
            return;
        }

        var some = Enumerable.Range(0, _random.Next(1, 6)).Select(_ => _blocks[_random.Next(_blocks.Length)]).Distinct().ToArray();
        switch (_random.Next(19))
        {
            case < 5:
                await AddAsync(user, some);
                break;
            case < 8:
                await FlushAsync(user);
                break;
            case < 11:
                await ContainsAsync(user, some);
                break;
            case < 13:
                await GetAsync(user, some);
                break;
            case < 16:
                await MoveAsync(user);
                break;
            case 16:
                await EndAsync(user, isKilled: false);
                break;
            case 17:
                await KillLaterAsync(user);
                break;
            default:
                await KillServerAsync(user);
                break;
        }

        await CheckEndsAsync(withDisks: false);
    }

    async Task OpenAsync(ChainUser user)
    {
        _chain.Rules = MakeRules();
        await TryAsync($"{NameOf(user)} open", token => _chain.OpenAsync(user, token));
    }

    // Some processes see no fault at all, most some, at one or two parts.
    Dictionary<int, FaultRule[]> MakeRules()
    {
        var rules = new Dictionary<int, FaultRule[]>();
        (_isStuck, _isLying) = (_isStuck && IsInUse, _isLying && IsInUse);
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

    // What was opened before goes on with the faults that it has.
    bool IsInUse => _chain.Servers.Count > 0 || _chain.Users.Any(static user => user.Store is not null);

    async Task<bool> AddAsync(ChainUser user, params TestBlock[] some)
    {
        _offered.UnionWith(some);
        var (buffer, slots) = TestBlock.Batch(some);
        if (!await TryAsync($"{NameOf(user)} add {Names(some)}", async token => await user.Store!.AddManyAsync(buffer, slots, token)))
        {
            DropHeld();
            return false;
        }

        user.Added.UnionWith(some);
        user.Held.UnionWith(some);
        return true;
    }

    async Task<bool> FlushAsync(ChainUser user)
    {
        if (!await TryAsync($"{NameOf(user)} flush", async token => await user.Store!.FlushAsync(token)))
        {
            DropHeld();
            return false;
        }

        _safe.UnionWith(user.Added);
        _safe.UnionWith(user.Told);
        return true;
    }

    async Task ContainsAsync(ChainUser user, params TestBlock[] some)
    {
        var present = new bool[some.Length];
        if (!await TryAsync($"{NameOf(user)} contains {Names(some)}", async token => await user.Store!.ContainsManyAsync(some.Select(static block => block.Hash).ToArray(), present, token)))
            return;
        _story.Add($"  {Names(some.Where((_, i) => present[i]))}");
        for (var i = 0; i < some.Length; i++)
        {
            Check(user, some[i], present[i]);
            if (present[i])
                user.Told.Add(some[i]);
        }
    }

    // What two users do meets in the same stores: what one call loses another one may have been told nothing of yet.
    void DropHeld()
    {
        foreach (var user in _chain.Users)
            user.Held.Clear();
    }

    async Task GetAsync(ChainUser user, TestBlock[] some)
    {
        var leases = new BlockLease[some.Length];
        if (!await TryAsync($"{NameOf(user)} get {Names(some)}", async token => await user.Store!.GetManyAsync(some.Select(static block => block.Hash).ToArray(), leases, token)))
        {
            Require(leases.All(static lease => !lease.IsPresent), "a lease came with an exception");
            return;
        }

        for (var i = 0; i < some.Length; i++)
        {
            using var lease = leases[i];
            Require(!lease.IsPresent || lease.Span.SequenceEqual(some[i].Bytes), $"{Names(some[i])} has other bytes");
            if (lease.IsPresent || !_isLying)
                Check(user, some[i], lease.IsPresent);
        }
    }

    // In order, or killed: what it had not flushed may be there afterwards or not.
    async Task EndAsync(ChainUser user, bool isKilled)
    {
        if (isKilled)
            user.Process.KillAfter(0);
        await TryAsync($"{NameOf(user)} {(isKilled ? "die" : "close")}", _ => RandomChain.CloseAsync(user));
        user.Forget();
    }

    // At once, or in the middle of one of the next calls.
    async Task KillLaterAsync(ChainUser user)
    {
        var steps = _random.Next(12);
        user.Process.KillAfter(steps);
        _story.Add($"{NameOf(user)} die after {steps}");
        for (var calls = steps == 0 ? 0 : 3; calls > 0; calls--)
        {
            var some = new[] { _blocks[_random.Next(_blocks.Length)], _blocks[_random.Next(_blocks.Length)] }.Distinct().ToArray();
            await (calls == 2 ? FlushAsync(user) : AddAsync(user, some));
        }

        await EndAsync(user, isKilled: true);
    }

    async Task KillServerAsync(ChainUser user)
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
            await AddAsync(user, [.. _blocks.Skip(_random.Next(20)).Take(4)]);
            await FlushAsync(user);
        }

        await TryAsync("bury", _ => server.KillAsync());
    }

    async Task CheckAsync()
    {
        _story.Add("all is well again");
        (_isStuck, _isLying) = (false, false);
        await WithinAsync(_chain.KillAllAsync());
        await CheckEndsAsync(withDisks: true);
        (_chain.Rules, _chain.Patience) = ([], _patience);
        if (_random.Next(2) == 0)
            _chain.DropCaches();
        await WithinAsync(_chain.StartServersAsync());
        var user = _chain.Users[0];
        await WithinAsync(_chain.OpenAsync(user, CancellationToken.None));
        var store = user.Store!;
        await CheckAllAsync(store, _safe);
        await CheckReferenceAsync(store);
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

    void Check(ChainUser user, TestBlock block, bool isPresent)
    {
        Require(isPresent || !_safe.Contains(block), $"{Names(block)} was covered by a flush and is said to be absent");
        Require(isPresent || !user.Held.Contains(block), $"{Names(block)} was added and is said to be absent");
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

    string NameOf(ChainUser user) => user == _chain.Users[0] ? "A:" : "B:";

    string Names(params IEnumerable<TestBlock> blocks) => string.Join(
        ' ', blocks.Select(block => Array.IndexOf(_blocks, block) is >= 0 and var at ? $"{at}" : $"tree {_trees.FindIndex(tree => tree.Root == block)}"));

    static void Require(bool isSo, string otherwise) => Assert.True(isSo, otherwise);
}
