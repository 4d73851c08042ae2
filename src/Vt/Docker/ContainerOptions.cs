using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Commands;

namespace Vt.Docker;

/// <summary>The options by which commands are told what to do with containers.</summary>
sealed class ContainerOptions
{
    /// <summary>What the help of commands that have them says.</summary>
    public const string Help =
        "Docker containers that use the volume (vt docker-plugin --help) go on; with --stop they are stopped and started again afterwards, with --pause they are paused. Either way the same"
        + " ones run afterwards, also where it could not be done or is interrupted.";

    readonly Option<bool> _stop = new("--stop") { Description = "Stop the containers that use it, and start them again afterwards" };
    readonly Option<bool> _pause = new("--pause") { Description = "Pause the containers that use it" };

    /// <summary>Puts them on a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_stop);
        command.Options.Add(_pause);
    }

    /// <summary>What was said.</summary>
    /// <exception cref="UserErrorException">Both were.</exception>
    public ContainerHandling Read(CommandContext context)
    {
        var (stop, pause) = (context.Get(_stop), context.Get(_pause));
        if (stop && pause)
            throw new UserErrorException("--stop and --pause: say one of them");
        return stop ? ContainerHandling.Stop : pause ? ContainerHandling.Pause : ContainerHandling.Live;
    }
}
