using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Hosts.DockerEngine;

namespace Vt.Docker;

/// <summary>One thing that is done to a container after work on its volume, by the command or by the process that stands in for one that died.</summary>
/// <param name="Kind">What.</param>
/// <param name="Name">The container's name.</param>
/// <param name="Id">Its id.</param>
/// <param name="Hook">The line of its hook; empty for none.</param>
/// <param name="Limit">How long the hook may take.</param>
sealed record ContainerStep(ContainerStepKind Kind, string Name, string Id, string Hook, TimeSpan Limit)
{
    const char Separator = '\t';
    const string End = ".";

    // What docker stop gives a container.
    static readonly TimeSpan _grace = TimeSpan.FromSeconds(10);

    /// <summary>Makes one without a hook.</summary>
    public ContainerStep(ContainerStepKind kind, VolumeUser user)
        : this(kind, user.Name, user.Id, "", TimeSpan.Zero)
    {
    }

    /// <summary>What it is, for a message.</summary>
    public string What => Kind switch
    {
        ContainerStepKind.Start => $"starting container {Name} again",
        ContainerStepKind.Pause => $"pausing container {Name} again",
        ContainerStepKind.Unpause => $"letting container {Name} go on",
        _ => $"{ContainerHooks.ResumeLabel} of container {Name}",
    };

    /// <summary>Stops a container, and gives it time for what it has to write.</summary>
    /// <exception cref="EngineException">The engine refuses, or can't be asked.</exception>
    public static Task StopAsync(EngineClient engine, string id, CancellationToken cancellationToken) => engine.StopAsync(id, _grace, cancellationToken);

    /// <summary>Does it.</summary>
    /// <param name="engine">Who is asked.</param>
    /// <param name="isLeft">Whether the one that had to is gone: then nobody knows how far it came.</param>
    /// <exception cref="EngineException">The engine refuses, or can't be asked.</exception>
    /// <exception cref="UserErrorException">The hook failed or took too long.</exception>
    public async Task RunAsync(EngineClient engine, bool isLeft)
    {
        switch (Kind)
        {
            case ContainerStepKind.Start:
                // What is being stopped runs on for a while, and an engine that is asked to start it then does nothing.
                if (isLeft)
                    await StopAsync(engine, Id, CancellationToken.None);
                await engine.StartAsync(Id, CancellationToken.None);
                break;
            case ContainerStepKind.Pause:
                await engine.PauseAsync(Id, CancellationToken.None);
                break;
            case ContainerStepKind.Unpause:
                if (await engine.ReadStateAsync(Id, CancellationToken.None) == ContainerState.Paused)
                    await engine.UnpauseAsync(Id, CancellationToken.None);
                break;
            default:
                await new ContainerHooks(Name, Id, null, Hook, Limit).ResumeAsync(engine, CancellationToken.None);
                break;
        }
    }

    /// <summary>The step as a line of text.</summary>
    public string ToLine() => string.Join(
        Separator, Kind.ToString(), Name, Id, Convert.ToBase64String(Encoding.UTF8.GetBytes(Hook)), Limit.TotalMilliseconds.ToString(CultureInfo.InvariantCulture), End);

    /// <summary>Reads what <see cref="ToLine"/> wrote.</summary>
    /// <returns>Null of a line that ends too early: who was writing it died, and had not begun what makes the step necessary.</returns>
    public static ContainerStep? TryParse(string line)
    {
        var fields = line.Split(Separator);
        return fields is [var word, var name, var id, var hook, var milliseconds, End] && Enum.TryParse<ContainerStepKind>(word, out var kind)
            ? new ContainerStep(kind, name, id, Encoding.UTF8.GetString(Convert.FromBase64String(hook)), TimeSpan.FromMilliseconds(double.Parse(milliseconds, CultureInfo.InvariantCulture)))
            : null;
    }
}
