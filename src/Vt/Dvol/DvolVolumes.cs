using Vt.Blocks.Contracts;
using Vt.Docker;
using Vt.Hosts.DockerEngine;
using Vt.Volumes.Branches;

namespace Vt.Dvol;

/// <summary>The commands of dvol that make, list, choose and remove volumes.</summary>
static class DvolVolumes
{
    const string UsualBranch = "master";

    /// <summary>dvol init.</summary>
    public static async Task InitAsync(DvolSession session, CancellationToken cancellationToken)
    {
        var name = OneName(session);
        DvolTexts.CheckName(name);
        var branch = session.Line.Get("branch") ?? UsualBranch;
        await using (var volumes = await session.OpenVolumesAsync(cancellationToken))
        {
            if (await volumes.Catalog.TryFindAsync(name, cancellationToken) is not null)
                throw new UserErrorException($"Error: volume {name} already exists");
        }

        if (!session.Line.Has("no-commit"))
            await session.KnowAuthorAsync(cancellationToken);
        await session.RunAsync(["volume", "init", $"--branch={branch}", .. session.Line.Has("no-commit") ? (string[])["--no-commit"] : [], "--", name], cancellationToken);
        session.Output.WriteLine($"Created volume {name}");
        session.Output.WriteLine($"Created branch {name}/{branch}");
    }

    /// <summary>dvol list.</summary>
    public static async Task ListAsync(DvolSession session, CancellationToken cancellationToken)
    {
        if (session.Line.Arguments.Count > 0)
            throw new UserErrorException(DvolTexts.WrongNumber);
        await using var volumes = await session.OpenVolumesAsync(cancellationToken);
        var current = volumes.Work.ReadCurrent(volumes.Store.Description);
        var rows = new List<(bool IsCurrent, string Name, string Branch, IReadOnlyList<string> DockerNames)>();
        if (session.Line.Get("volume") is { } only)
            await DvolSession.FindNamedAsync(volumes, only, cancellationToken);
        await foreach (var volume in volumes.Catalog.ListAsync(cancellationToken))
        {
            if (session.Line.Get("volume") is null || session.Line.Get("volume") == volume.Name)
                rows.Add((volume.Id == current, volume.Name, await volumes.HeadOfAsync(volume, cancellationToken), await DockerNamesAsync(volume, cancellationToken)));
        }

        var users = await UsersAsync(session, rows.SelectMany(static row => row.DockerNames).ToList(), cancellationToken);
        var (names, branches) = (rows.Select(static row => row.Name.Length).Append(6).Max(), rows.Select(static row => row.Branch.Length).Append(6).Max());
        session.Output.WriteLine($"  {"VOLUME".PadRight(names)}   {"BRANCH".PadRight(branches)}   CONTAINERS");
        foreach (var (isCurrent, name, branch, dockerNames) in rows)
        {
            var containers = users is null ? "?" : string.Join(',', users.Where(user => user.Volumes.Any(dockerNames.Contains)).Select(user => TextOf(session, user)));
            session.Output.WriteLine($"{(isCurrent ? "*" : " ")} {name.PadRight(names)}   {branch.PadRight(branches)}   {containers}".TrimEnd());
        }
    }

    /// <summary>dvol switch.</summary>
    public static async Task SwitchAsync(DvolSession session, CancellationToken cancellationToken)
    {
        var name = OneName(session);
        await using var volumes = await session.OpenVolumesAsync(cancellationToken);
        volumes.Work.WriteCurrent(volumes.Store.Description, (await DvolSession.FindNamedAsync(volumes, name, cancellationToken)).Id);
    }

    /// <summary>dvol rm.</summary>
    public static async Task RemoveAsync(DvolSession session, CancellationToken cancellationToken)
    {
        var name = OneName(session);
        DvolTexts.CheckName(name);
        IReadOnlyList<string> dockerNames;
        await using (var volumes = await session.OpenVolumesAsync(cancellationToken))
        {
            var volume = await volumes.Catalog.TryFindAsync(name, cancellationToken) ?? throw new UserErrorException($"Volume '{name}' does not exist, cannot remove it");
            dockerNames = await DockerNamesAsync(volume, cancellationToken);
        }

        using var containers = VolumeContainers.TryOpen(session.Context);
        var users = await ListUsersAsync(session, containers, dockerNames, cancellationToken);
        if (users.Where(static user => user.State != ContainerState.Stopped).Select(static user => user.Name).ToList() is { Count: > 0 } running)
            throw new UserErrorException($"Cannot remove '{name}' while it is in use by '{string.Join(',', running)}'");
        if (!session.Line.Has("force") && !session.Confirm("Are you sure? This will remove all containers using the volume (y/n): "))
        {
            session.Output.WriteLine("Aborting.");
            return;
        }

        session.Output.WriteLine($"Deleting volume '{name}'");
        session.Output.Flush();
        foreach (var user in users)
            await containers!.Engine.RemoveContainerAsync(user.Id, cancellationToken);
        if (containers is not null)
            await ForgetAsync(session, containers, dockerNames, cancellationToken);
        await session.RunAsync(["volume", "rm", "--", name], cancellationToken);
    }

    static string OneName(DvolSession session) => (session.Line.Arguments, session.Line.Get("volume")) switch
    {
        ([], { } said) => said,
        ([], null) => throw new UserErrorException("Please specify a volume name."),
        ([var name], null) => name,
        _ => throw new UserErrorException(DvolTexts.WrongNumber),
    };

    // What a container may have put before the colon.
    static async Task<IReadOnlyList<string>> DockerNamesAsync(Volume volume, CancellationToken cancellationToken)
    {
        var names = new List<string> { volume.Name, volume.Name + "^" };
        await foreach (var branch in volume.ListBranchesAsync(cancellationToken))
            names.AddRange([$"{volume.Name}@{branch}", $"{volume.Name}^{branch}"]);
        return names;
    }

    static async Task<IReadOnlyList<VolumeUser>?> UsersAsync(DvolSession session, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        using var containers = VolumeContainers.TryOpen(session.Context);
        if (containers is null)
            return VolumeContainers.IsWanted(session.Context) ? null : [];
        try
        {
            return await containers.ListAsync(names, cancellationToken);
        }
        catch (EngineException fault) when (fault.IsUnreachable)
        {
            return null;
        }
    }

    static async Task<IReadOnlyList<VolumeUser>> ListUsersAsync(DvolSession session, VolumeContainers? containers, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        if (containers is null)
            return [];
        try
        {
            return await containers.ListAsync(names, cancellationToken);
        }
        catch (EngineException fault) when (fault.IsUnreachable)
        {
            session.Say($"{fault.Message}; it is not asked which containers use the volume");
            return [];
        }
    }

    static async Task ForgetAsync(DvolSession session, VolumeContainers containers, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        try
        {
            await containers.ForgetAsync(names, cancellationToken);
        }
        catch (EngineException fault)
        {
            // Docker finds out when it asks the plugin; the volume goes all the same.
            session.Say(fault.Message);
        }
    }

    // A mark for those that don't run, which terminals that can't show it get in letters.
    static string TextOf(DvolSession session, VolumeUser user)
    {
        var surroundings = session.Context.Surroundings;
        var locale = ((string[])["LC_ALL", "LC_CTYPE", "LANG"]).Select(surroundings.Environment).FirstOrDefault(static value => !string.IsNullOrEmpty(value)) ?? "";
        var isUnicode = surroundings.OutputIsTerminal && locale.Replace("-", "", StringComparison.Ordinal).EndsWith("utf8", StringComparison.OrdinalIgnoreCase);
        return user.State switch
        {
            ContainerState.Stopped => user.Name + (isUnicode ? "\u25a0" : "(stopped)"),
            ContainerState.Paused => user.Name + (isUnicode ? "\u2016" : "(paused)"),
            _ => user.Name,
        };
    }
}
