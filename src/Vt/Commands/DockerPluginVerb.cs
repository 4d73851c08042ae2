using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Docker;
using Vt.Hosts.DockerPlugin;
using Vt.Posix.Mounts;
using Vt.Settings;
using Vt.Volumes.Branches;

namespace Vt.Commands;

/// <summary>Serves the volumes to Docker.</summary>
sealed class DockerPluginVerb : Verb
{
    const string SocketFolder = "/run/docker/plugins";
    const string AncestorName = "dvol";

    readonly Option<string> _name = new("--name") { Description = "What Docker calls it: docker run --volume-driver NAME", HelpName = "NAME", DefaultValueFactory = static _ => "vt" };
    readonly Option<string> _socket = new("--socket") { Description = $"Where it is asked; else {SocketFolder}/NAME.sock", HelpName = "PATH" };
    readonly Option<string> _mounts = new("--mounts") { Description = "The folder below which it mounts; else docker/NAME/mounts below basedir", HelpName = "DIR" };
    readonly Option<string> _branch = new("-b", "--branch") { Description = "The first branch of volumes that it makes; else main, or master as the name is dvol", HelpName = "BRANCH" };

    readonly Option<string> _guard = new(ContainerGuard.Option) { Hidden = true };

    /// <summary>Makes the command.</summary>
    public DockerPluginVerb()
        : base("docker-plugin", "Serve the volumes to Docker, as a volume driver")
    {
        foreach (var option in (Option[])[_name, _socket, _mounts, _branch, _guard])
            Options.Add(option);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        docker run -v VOLUME:/data --volume-driver vt mounts what is checked out of a volume; one that is not there is made. VOLUME@BRANCH is always that branch.
        VOLUME^BRANCH is a copy of the branch's last commit, another for each start of a container, which may be written to and goes with its end; VOLUME^ is one of what is checked
        out. An image's own content gets into a new volume, as with any driver.

        It needs root, and has to run before Docker does; the unit vt-docker-plugin@.service sees to that: systemctl enable --now vt-docker-plugin@vt. Each mount is a process of its own, so the
        plugin may be ended and started again, or die, while containers run: it finds its mounts again. On SIGTERM it ends what it is asked just then, and leaves mounts as they are.

        docker volume rm lets Docker forget a volume: docker volume ls shows it no more, and vt volume list still does, with everything. Whoever makes or mounts it by that name gets it
        back. What destroys is vt volume rm, or dvol rm. docker volume ls shows all volumes of the store.

        vt commit, reset and checkout find the containers by the names of the plugins that served the store once, and ask the engine that DOCKER_HOST (unix:///path) names, else
        /var/run/docker.sock; with VT_DOCKER=off nobody is asked.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt docker-plugin", "Serve as the driver vt."),
        ("vt docker-plugin --name dvol", "Serve as the driver dvol, for what was written for that."),
        ("vt docker-plugin --name test --socket /run/test.sock", "Serve elsewhere; /etc/docker/plugins/test.spec tells Docker where."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Get(_guard) is { } engine)
        {
            await ContainerGuard.ServeAsync(engine, Console.In, context.Messages);
            return ExitCode.Ok;
        }

        var name = context.Get(_name)!;
        if (VolumeNames.FaultOfVolume(name) is not null)
            throw new UserErrorException($"--name: '{name}' is no name for a driver: letters, digits and -_., beginning with a letter or digit");
        var branch = context.Get(_branch) ?? (name == AncestorName ? "master" : "main");
        VolumeNames.CheckBranch(branch);
        StoreMaker.Ensure(context);
        var folder = DockerFolders.Of(context, name);
        using var file = PluginStateFile.Open(folder);
        using var plugin = new VolumePlugin(new PluginVolumeHost(context, branch), file, MakeMounts(context, folder));
        await plugin.RecoverAsync(cancellationToken);
        await using var server = await PluginServer.StartAsync(plugin, context.PathFromHere(context.Get(_socket) ?? $"{SocketFolder}/{name}.sock"), context.Messages.Say, cancellationToken);
        ServiceNotice.SayReady(context.Surroundings.Environment);
        if (!context.IsQuiet)
            context.Messages.Say($"serves {context.Configuration.Store.Value} to Docker as the driver {name}");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            ServiceNotice.SayStopping(context.Surroundings.Environment);
        }

        return ExitCode.Ok;
    }

    // The table of mounts has paths without symbolic links.
    string MakeMounts(CommandContext context, string folder)
    {
        var mounts = context.Get(_mounts) is { } said ? context.PathFromHere(said) : Path.Combine(folder, "mounts");
        Directory.CreateDirectory(mounts);
        return MountCalls.Resolve(mounts);
    }
}
