using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;
using Vt.Commands;
using Vt.Hosts.DockerEngine;

namespace Vt.Docker;

/// <summary>The containers that use this machine's volumes, asked of the Docker Engine that the environment names; none where there is no engine.</summary>
sealed class VolumeContainers : IDisposable
{
    /// <summary>The variable that keeps commands from asking the engine: <c>off</c>.</summary>
    public const string Variable = "VT_DOCKER";

    readonly IReadOnlyList<string> _drivers;

    VolumeContainers(EngineClient engine, IReadOnlyList<string> drivers)
    {
        Engine = engine;
        _drivers = drivers;
    }

    /// <summary>The engine.</summary>
    public EngineClient Engine { get; }

    /// <summary>Whether containers may use the volumes and the engine may be asked, be it there or not.</summary>
    public static bool IsWanted(CommandContext context) => context.Surroundings.Environment(Variable) != "off" && DockerFolders.ListDrivers(context).Count > 0;

    /// <summary>Opens what there is; nobody is asked yet.</summary>
    /// <returns>Null where no container can use the volumes: no plugin ever served them, or there is no engine, or none is to be asked.</returns>
    /// <exception cref="UserErrorException">The environment names an engine that isn't reached by a unix socket.</exception>
    public static VolumeContainers? TryOpen(CommandContext context)
    {
        if (context.Surroundings.Environment(Variable) == "off" || DockerFolders.ListDrivers(context) is not { Count: > 0 } drivers)
            return null;
        var host = context.Surroundings.Environment(EngineClient.Variable);
        var socket = EngineClient.SocketOf(host)
            ?? throw new UserErrorException($"{EngineClient.Variable}: '{host}' is no unix:///path, and containers that use volumes are on this machine; unset it, or set {Variable}=off");
        return File.Exists(socket) ? new VolumeContainers(new EngineClient(socket), drivers) : null;
    }

    /// <summary>The containers that use volumes by the names that Docker has for them.</summary>
    /// <exception cref="EngineException">The engine can't be asked.</exception>
    public Task<IReadOnlyList<VolumeUser>> ListAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken) =>
        Engine.ListUsersAsync(names, _drivers.Contains, cancellationToken);

    /// <summary>Lets the engine forget volumes, but for those of their names that are another driver's.</summary>
    /// <exception cref="EngineException">The engine can't be asked, or a container has one.</exception>
    public async Task ForgetAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        foreach (var driver in _drivers)
        {
            foreach (var name in (await Engine.ListVolumesAsync(driver, cancellationToken)).Where(names.Contains))
                await Engine.RemoveVolumeAsync(name, cancellationToken);
        }
    }

    /// <summary>The names of volumes whenever a container that uses one starts or has stopped, from now on until the enumeration is left.</summary>
    /// <exception cref="EngineException">The engine can't be asked, or ended.</exception>
    public async IAsyncEnumerable<string> WatchUsesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var told in Engine.ReadEventsAsync(["volume"], cancellationToken))
        {
            // The engine tells of a mount once it is there, and of its end once it is gone.
            if (told is { Action: "mount" or "unmount", Actor: { ID: { } name, Attributes: { } about } } && _drivers.Contains(about.GetValueOrDefault("driver")))
                yield return name;
        }
    }

    /// <summary>The names by which containers may have a branch: as it is checked out, and outright.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="branch">The branch.</param>
    /// <param name="isCheckedOut">Whether it is the one that is checked out.</param>
    public static IReadOnlyList<string> NamesOf(string volume, string branch, bool isCheckedOut) => isCheckedOut ? [volume, $"{volume}@{branch}"] : [$"{volume}@{branch}"];

    /// <inheritdoc/>
    public void Dispose() => Engine.Dispose();
}
