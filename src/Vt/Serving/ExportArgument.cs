using Vt.Blocks.Contracts;
using Vt.Hosts.StreamServer;
using Vt.Stores.Config;
using Vt.Stores.Streams.Protocol;

namespace Vt.Serving;

/// <summary>A store that the command line says is to be served: <c>NAME[:ACCESS]=SPEC</c>.</summary>
/// <param name="Name">Under which name.</param>
/// <param name="Access">What clients may do; what holds for all where it is not said.</param>
/// <param name="Store">The store.</param>
sealed record ExportArgument(string Name, ExportAccess Access, StoreSettings Store)
{
    const string Option = "--export";

    /// <summary>Reads one.</summary>
    /// <param name="text">The argument.</param>
    /// <param name="access">What clients may do where it says nothing of that.</param>
    /// <param name="configuration">Knows the stores.</param>
    /// <exception cref="UserErrorException">It is not of the form.</exception>
    public static ExportArgument Parse(string text, ExportAccess access, Configuration configuration)
    {
        var origin = ConfigOrigin.OfOption(Option);
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw new UserErrorException($"{origin}: '{text}' is not of the form NAME[:ACCESS]=SPEC");
        var name = text[..equals];
        if (name.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0)
        {
            access = ExportAccesses.TryParse(name[(colon + 1)..])
                ?? throw new UserErrorException($"{origin}: '{name[(colon + 1)..]}' is none of read-only, append-only and read-write");
            name = name[..colon];
        }

        if (!IsName(name))
            throw new UserErrorException($"{origin}: '{name}' is no name: 1 to {StreamLimits.LongestExport} letters, digits and -_.");
        return new ExportArgument(name, access, configuration.Resolve(text[(equals + 1)..], origin));
    }

    static bool IsName(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
                return false;
        }

        return name.Length is > 0 and <= StreamLimits.LongestExport;
    }
}
