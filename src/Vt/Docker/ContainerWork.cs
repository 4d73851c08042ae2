using Vt.Blocks.Contracts;
using Vt.Commands;
using Vt.Hosts.DockerEngine;

namespace Vt.Docker;

/// <summary>
/// Does something to a volume while the containers that use it are stopped, paused, or quiet by their own means. Whatever was done to them is undone in the opposite order:
/// also where the work fails or is interrupted, where the command is killed (<see cref="ContainerGuard"/>), and for each also where it fails for another.
/// </summary>
sealed class ContainerWork : IDisposable
{
    readonly CommandContext _context;
    readonly VolumeContainers? _containers;
    readonly Stack<ContainerStep> _undo = new();
    ContainerGuard? _guard;

    ContainerWork(CommandContext context, VolumeContainers? containers)
    {
        _context = context;
        _containers = containers;
    }

    /// <summary>The containers that use it and are not stopped; none where the engine can't be asked.</summary>
    public IReadOnlyList<VolumeUser> Users { get; private set; } = [];

    /// <summary>Runs work that changes a volume.</summary>
    /// <param name="context">The command.</param>
    /// <param name="names">The names by which containers have the volume.</param>
    /// <param name="handling">What becomes of them.</param>
    /// <param name="isCommit">Whether it only reads the volume, at one instant: then the containers' own hooks run around it.</param>
    /// <param name="work">The work; gets what the containers say of where a commit comes from. It must hold no lock when it returns, since containers mount when they start.</param>
    /// <param name="cancellationToken">Interrupts.</param>
    /// <returns>What the work returned.</returns>
    /// <exception cref="UserErrorException">A container would be lost, or can't be stopped, or its hook failed: then the work is not begun. Or one can't be started again.</exception>
    public static async Task<int> RunAsync(
        CommandContext context,
        IReadOnlyCollection<string> names,
        ContainerHandling handling,
        bool isCommit,
        Func<IReadOnlyDictionary<string, string>, Task<int>> work,
        CancellationToken cancellationToken)
    {
        using var containers = VolumeContainers.TryOpen(context);
        using var around = new ContainerWork(context, containers);
        await around.FindAsync(names, handling, cancellationToken);
        int code;
        try
        {
            var provenance = isCommit ? await around.DescribeAsync(cancellationToken) : new Dictionary<string, string>();
            await around.PrepareAsync(handling, isCommit, cancellationToken);
            code = await work(provenance);
        }
        catch
        {
            // What failed is what is told in the end; what could not be undone besides, before it.
            if (await around.UndoAsync() is { } also)
                context.Messages.Say(also);
            throw;
        }

        return await around.UndoAsync() is { } left ? throw new UserErrorException(left) : code;
    }

    /// <inheritdoc/>
    public void Dispose() => _guard?.Dispose();

    async Task FindAsync(IReadOnlyCollection<string> names, ContainerHandling handling, CancellationToken cancellationToken)
    {
        if (_containers is null)
            return;
        try
        {
            Users = [.. (await _containers.ListAsync(names, cancellationToken)).Where(static user => user.State != ContainerState.Stopped)];
        }
        catch (EngineException fault) when (fault.IsUnreachable)
        {
            _context.Messages.Say($"{fault.Message}; {(handling == ContainerHandling.Live ? "it is not asked which containers use the volume" : "containers are left as they are")}");
        }
    }

    async Task<IReadOnlyDictionary<string, string>> DescribeAsync(CancellationToken cancellationToken) =>
        _containers is null ? new Dictionary<string, string>() : await ContainerProvenance.OfAsync(_containers.Engine, Users, cancellationToken);

    async Task PrepareAsync(ContainerHandling handling, bool isCommit, CancellationToken cancellationToken)
    {
        if (_containers is null)
            return;
        if (handling == ContainerHandling.Stop)
            await RefuseLossAsync(cancellationToken);
        foreach (var user in Users)
        {
            // A container that is stopped has written all that it had.
            if (isCommit && handling != ContainerHandling.Stop && user.State == ContainerState.Running)
                await QuiesceAsync(user, cancellationToken);
        }

        foreach (var user in Users)
        {
            if (handling == ContainerHandling.Stop)
                await StopAsync(user, cancellationToken);
            else if (handling == ContainerHandling.Pause && user.State == ContainerState.Running)
                await PauseAsync(user, cancellationToken);
        }
    }

    async Task RefuseLossAsync(CancellationToken cancellationToken)
    {
        foreach (var user in Users)
        {
            if (await _containers!.Engine.IsRemovedWhenStoppedAsync(user.Id, cancellationToken) == true)
                throw new UserErrorException($"container {user.Name} was started with --rm, and would be gone when it is stopped: stop it yourself, or say --pause");
        }
    }

    async Task QuiesceAsync(VolumeUser user, CancellationToken cancellationToken)
    {
        if (ContainerHooks.Find(user) is not { } hooks)
            return;

        // Before the hook: one that fails half-way, or is interrupted, may have stopped something.
        if (hooks.Resume is { } line)
            Owe(new ContainerStep(ContainerStepKind.Resume, user.Name, user.Id, line, hooks.Limit));
        await hooks.QuiesceAsync(_containers!.Engine, cancellationToken);
    }

    async Task StopAsync(VolumeUser user, CancellationToken cancellationToken)
    {
        var engine = _containers!.Engine;
        if (user.State == ContainerState.Paused)
            Owe(new ContainerStep(ContainerStepKind.Pause, user));
        Owe(new ContainerStep(ContainerStepKind.Start, user));
        await ContainerStep.StopAsync(engine, user.Id, cancellationToken);

        // The engine answers this only once it has let go of the container's volumes.
        if (await engine.ReadStateAsync(user.Id, cancellationToken) is ContainerState.Running or ContainerState.Paused)
            throw new UserErrorException($"container {user.Name} runs again as soon as it is stopped: stop it yourself");
    }

    async Task PauseAsync(VolumeUser user, CancellationToken cancellationToken)
    {
        Owe(new ContainerStep(ContainerStepKind.Unpause, user));
        await _containers!.Engine.PauseAsync(user.Id, cancellationToken);
    }

    // Before what makes it necessary: who dies in between leaves it to the guard.
    void Owe(ContainerStep step)
    {
        _guard ??= ContainerGuard.Start(_containers!.Engine.Socket);
        _guard.Add(step);
        _undo.Push(step);
    }

    async Task<string?> UndoAsync()
    {
        string? first = null;
        while (_undo.TryPop(out var step))
        {
            try
            {
                await step.RunAsync(_containers!.Engine, isLeft: false);
            }
            catch (Exception fault) when (fault is EngineException or UserErrorException)
            {
                var line = $"{step.What}: {fault.Message}";
                if (first is null)
                    first = line;
                else
                    _context.Messages.Say(line);
            }

            _guard?.Remove();
        }

        return first;
    }
}
