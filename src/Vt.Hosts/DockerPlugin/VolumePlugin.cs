using Vt.Blocks.Contracts;

namespace Vt.Hosts.DockerPlugin;

/// <summary>
/// What a Docker volume plugin does, whoever asks and in whatever order. Safe from any thread.
/// </summary>
/// <remarks>
/// 1. A place is mounted as long as a use of it is noted; the uses are a set, so what is told twice counts once.
/// 2. The mount comes before its note and goes before it: who dies between leaves a mount that the next use takes over, or a note without a mount, which is dropped.
/// 3. Docker's removal of a volume is noted and nothing else: the volume stays, and is Docker's again as soon as somebody makes or mounts it by that name.
/// </remarks>
public sealed class VolumePlugin : IDisposable
{
    readonly IVolumeHost _host;
    readonly PluginStateFile _file;
    readonly string _volumePlaces;
    readonly string _forkPlaces;
    readonly SemaphoreSlim _stateGate = new(1); // guards _state and the file
    readonly Lock _namesLock = new(); // guards _names
    readonly Dictionary<string, SemaphoreSlim> _names = []; // guards the mounts of each name
    PluginState _state;

    /// <summary>Takes up what an earlier run has left.</summary>
    /// <param name="host">The volumes.</param>
    /// <param name="file">Where the state is kept; not disposed.</param>
    /// <param name="places">The folder in which places to mount on are made.</param>
    public VolumePlugin(IVolumeHost host, PluginStateFile file, string places)
    {
        _host = host;
        _file = file;
        _volumePlaces = Path.Combine(places, "volumes");
        _forkPlaces = Path.Combine(places, "forks");
        _state = file.Read();
    }

    /// <summary>Drops notes of mounts that are gone, and unmounts copies that nobody was told of. To be called before anything else.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        await ChangeAsync(state => state with { Mounts = [.. state.Mounts.Where(mount => _host.IsMounted(mount.Place))] }, cancellationToken);
        if (!Directory.Exists(_forkPlaces))
            return;
        foreach (var place in Directory.GetDirectories(_forkPlaces).Where(place => !_state.Mounts.Any(mount => mount.Place == place)))
            await _host.UnmountAsync(place, cancellationToken);
    }

    /// <summary>Makes what a name stands for, unless it is there.</summary>
    /// <exception cref="UserErrorException">It is no name, there are options, or there is no such branch.</exception>
    public async Task CreateAsync(string text, IReadOnlyDictionary<string, string>? options, CancellationToken cancellationToken)
    {
        var name = Checked(text);
        if (options is { Count: > 0 })
            throw new UserErrorException($"'{options.Keys.First()}' is no option of a volume: there are none");
        using var held = await HoldAsync(text, cancellationToken);
        await KnowAsync(name, cancellationToken);
    }

    /// <summary>Lets Docker forget a name. What it stands for stays.</summary>
    /// <exception cref="UserErrorException">A container has it mounted.</exception>
    public async Task RemoveAsync(string text, CancellationToken cancellationToken)
    {
        var name = Checked(text);
        using var held = await HoldAsync(text, cancellationToken);
        if (_state.Mounts.Any(mount => mount.Name == text && _host.IsMounted(mount.Place)))
            throw new UserErrorException($"'{text}' is mounted for a container");
        var volumes = await _host.ListAsync(cancellationToken);
        await ChangeAsync(
            state => name.IsVolume && volumes.TryGetValue(text, out var id)
                ? state with { Forgotten = new Dictionary<string, string>(state.Forgotten) { [text] = id } }
                : state with { Created = [.. state.Created.Where(created => created != text)] },
            cancellationToken);
    }

    /// <summary>Mounts what a name stands for, for one more use; makes a volume that is not there.</summary>
    /// <returns>Where.</returns>
    /// <exception cref="UserErrorException">It is no name, there is no such branch, or it can't be mounted.</exception>
    public async Task<string> MountAsync(string text, string id, CancellationToken cancellationToken)
    {
        var name = Checked(text);
        using var held = await HoldAsync(text, cancellationToken);
        if (_state.Mounts.FirstOrDefault(mount => mount.Name == text && mount.Id == id) is { } same && _host.IsMounted(same.Place))
            return same.Place;
        await KnowAsync(name, cancellationToken);
        var place = name.IsFork ? Path.Combine(_forkPlaces, Guid.NewGuid().ToString("N")) : PlaceOf(name);
        if (!_host.IsMounted(place))
        {
            // What is left there is dead, or an empty folder; and whoever was noted to use it does so no more.
            await _host.UnmountAsync(place, cancellationToken);
            await ChangeAsync(state => state with { Mounts = [.. state.Mounts.Where(mount => mount.Place != place)] }, cancellationToken);
            await _host.MountAsync(name, place, cancellationToken);
        }

        await ChangeAsync(state => state with { Mounts = [.. state.Mounts.Where(mount => mount.Name != text || mount.Id != id), new PluginMount(text, id, place)] }, CancellationToken.None);
        return place;
    }

    /// <summary>Ends a use, and with the last one the mount. A use that is not known is no fault.</summary>
    public async Task UnmountAsync(string text, string id, CancellationToken cancellationToken)
    {
        var name = Checked(text);
        using var held = await HoldAsync(text, cancellationToken);
        var place = _state.Mounts.FirstOrDefault(mount => mount.Name == text && mount.Id == id)?.Place ?? (name.IsFork ? null : PlaceOf(name));
        try
        {
            if (place is not null && !_state.Mounts.Any(mount => mount.Place == place && mount.Id != id))
                await _host.UnmountAsync(place, cancellationToken);
        }
        finally
        {
            await ChangeAsync(state => state with { Mounts = [.. state.Mounts.Where(mount => mount.Name != text || mount.Id != id)] }, CancellationToken.None);
        }
    }

    /// <summary>Where a name is mounted; empty where it is not.</summary>
    /// <exception cref="UserErrorException">It is no name.</exception>
    public string PathOf(string text)
    {
        Checked(text);
        return _state.Mounts.LastOrDefault(mount => mount.Name == text && _host.IsMounted(mount.Place))?.Place ?? "";
    }

    /// <summary>What Docker may know of a name.</summary>
    /// <exception cref="UserErrorException">It stands for nothing, or Docker has removed it.</exception>
    public async Task<PluginVolume> GetAsync(string text, CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken)).FirstOrDefault(volume => volume.Name == text) ?? throw new UserErrorException($"there is no volume '{text}'");

    /// <summary>All volumes but those that Docker has removed, and the names with a branch that Docker has made.</summary>
    public async Task<IReadOnlyList<PluginVolume>> ListAsync(CancellationToken cancellationToken)
    {
        var volumes = await _host.ListAsync(cancellationToken);
        var state = _state;
        return
        [
            .. volumes.Where(volume => state.Forgotten.GetValueOrDefault(volume.Key) != volume.Value).Select(static volume => volume.Key)
                .Concat(state.Created.Where(created => volumes.ContainsKey(PluginName.Parse(created).Volume)))
                .Order(StringComparer.Ordinal)
                .Select(name => new PluginVolume(name, PathOf(name))),
        ];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stateGate.Dispose();
        foreach (var name in _names.Values)
            name.Dispose();
    }

    string PlaceOf(PluginName name) => Path.Combine(_volumePlaces, name.Text.Replace('/', '+'));

    PluginName Checked(string text)
    {
        var name = PluginName.Parse(text);
        return _host.FaultOf(name) is { } fault ? throw new UserErrorException(fault) : name;
    }

    async Task KnowAsync(PluginName name, CancellationToken cancellationToken)
    {
        await _host.MakeAsync(name, cancellationToken);
        if (name.IsVolume ? _state.Forgotten.ContainsKey(name.Text) : !_state.Created.Contains(name.Text))
        {
            await ChangeAsync(
                state => name.IsVolume
                    ? state with { Forgotten = state.Forgotten.Where(forgotten => forgotten.Key != name.Text).ToDictionary(StringComparer.Ordinal) }
                    : state with { Created = [.. state.Created, name.Text] },
                CancellationToken.None);
        }
    }

    async Task ChangeAsync(Func<PluginState, PluginState> change, CancellationToken cancellationToken)
    {
        await _stateGate.WaitAsync(cancellationToken);
        try
        {
            var changed = change(_state);
            _file.Write(changed);
            _state = changed;
        }
        finally
        {
            _stateGate.Release();
        }
    }

    async Task<IDisposable> HoldAsync(string name, CancellationToken cancellationToken)
    {
        SemaphoreSlim? gate;
        lock (_namesLock)
        {
            if (!_names.TryGetValue(name, out gate))
                _names.Add(name, gate = new SemaphoreSlim(1));
        }

        await gate.WaitAsync(cancellationToken);
        return new Held(gate);
    }

    sealed class Held(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
