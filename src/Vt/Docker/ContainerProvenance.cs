using Vt.Hosts.DockerEngine;
using Vt.Volumes.Commits;

namespace Vt.Docker;

/// <summary>What a commit says of the containers that used the volume: for each its id, image, the image's digest and the command, by its name.</summary>
static class ContainerProvenance
{
    // A commit is one block; who has more containers than this on a volume finds them in Docker.
    const int Most = 16;
    const int LongestText = 1000;

    /// <summary>The words and texts.</summary>
    /// <exception cref="EngineException">The engine can't be asked.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> OfAsync(EngineClient engine, IReadOnlyList<VolumeUser> users, CancellationToken cancellationToken)
    {
        var words = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var user in users.Take(Most))
        {
            var name = user.Name.TrimStart('/');
            if (!Commit.IsWord($"container/{name}"))
                name = user.Id[..Math.Min(user.Id.Length, 12)];
            Add($"container/{name}", user.Id);
            Add($"image/{name}", user.Image);
            Add($"digest/{name}", await engine.ReadDigestAsync(user.ImageId, cancellationToken));
            Add($"command/{name}", user.Command);
        }

        return words;

        void Add(string word, string text)
        {
            if (text.Length > 0)
                words[word] = text.Length > LongestText ? text[..LongestText] : text;
        }
    }
}
