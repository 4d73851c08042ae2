namespace Vt.Hosts.DockerPlugin;

/// <summary>
/// What stands before the colon of <c>docker run -v</c>: <c>VOLUME</c>, which is what is checked out of it; <c>VOLUME@BRANCH</c>, always that branch;
/// <c>VOLUME^BRANCH</c>, for each container a copy of the branch's last commit that goes with it.
/// </summary>
/// <param name="Text">The whole.</param>
/// <param name="Volume">The volume.</param>
/// <param name="Branch">The branch; null where none is named, and empty of <c>VOLUME^</c>, a copy of what is checked out.</param>
/// <param name="IsFork">Whether each container gets a copy.</param>
public sealed record PluginName(string Text, string Volume, string? Branch, bool IsFork)
{
    const char ForkMark = '^';

    /// <summary>Takes a name apart. Whether its parts may be names is the volumes' to say.</summary>
    public static PluginName Parse(string text)
    {
        var mark = text.AsSpan().IndexOfAny('@', ForkMark);
        return mark < 0 ? new PluginName(text, text, null, false) : new PluginName(text, text[..mark], text[(mark + 1)..], text[mark] == ForkMark);
    }

    /// <summary>Whether it is a volume's name alone.</summary>
    public bool IsVolume => Branch is null;
}
