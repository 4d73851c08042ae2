using System.Text;
using Vt.Blocks.Contracts;
using Vt.Output;

namespace Vt.Dvol;

/// <summary>dvol seed: prints, and does not run, the commands that fill the volumes of a compose file from their images.</summary>
static class DvolSeed
{
    const long LargestFile = 1 << 20;

    static readonly string[] Drivers = ["dvol", "vt"];

    /// <summary>Prints them.</summary>
    public static Task RunAsync(DvolSession session, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (session.Line.Arguments is not [var name])
            throw new UserErrorException(session.Line.Arguments.Count == 0 ? "Please specify a compose file." : DvolTexts.WrongNumber);
        var path = session.Context.PathFromHere(name);
        if (!File.Exists(path))
            throw new UserErrorException($"Error: {name}: there is no such file");
        if (new FileInfo(path).Length > LargestFile)
            throw new UserErrorException($"Error: {name}: longer than {LargestFile} bytes, which no compose file is");
        var count = 0;
        foreach (var (service, image, volume, folder, driver) in Find(YamlReader.Read(File.ReadAllText(path, Encoding.UTF8), name)))
        {
            if (image is null)
                throw new UserErrorException($"Error: {name}: the service {service} has no image, which the volume {volume} would be filled from");
            if (count++ == 0)
                session.Say("Please seed your volumes by running the following commands:");
            session.Output.WriteLine(TerminalText.Visible($"docker run --volume-driver={driver} -v {volume}:/_target -ti {image} sh -c 'cp -av {folder}/* /_target/'"));
        }

        if (count == 0)
            throw new UserErrorException($"No volumes found with \"volume_driver: dvol\", or with \"driver: dvol\" under \"volumes:\", and a name before the colon: please check {name}");
        return Task.CompletedTask;
    }

    static IEnumerable<(string Service, string? Image, string Volume, string Folder, string Driver)> Find(YamlNode top)
    {
        // From version 2 on there is a level more, and drivers are said of volumes rather than of services.
        var services = top["services"] ?? top;
        foreach (var (service, node) in services.Fields)
        {
            foreach (var volume in node["volumes"]?.Items ?? [])
            {
                var parts = volume.Text?.Split(':');
                var (source, target) = parts is null ? (volume["source"]?.Text, volume["target"]?.Text) : parts.Length > 1 ? (parts[0], parts[1]) : (null, null);
                if (source is null || target is null || Vt.Volumes.Branches.VolumeNames.FaultOfVolume(source) is not null)
                    continue;
                var declared = top["services"] is null ? null : top["volumes"]?[source];
                if ((node["volume_driver"]?.Text ?? declared?["driver"]?.Text) is { } driver && Drivers.Contains(driver))
                    yield return (service, node["image"]?.Text, declared?["name"]?.Text ?? source, target.TrimEnd('/'), driver);
            }
        }
    }
}
