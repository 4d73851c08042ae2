using System.CommandLine;

namespace Vt.Output;

/// <summary>The option that listings share.</summary>
static class JsonOption
{
    /// <summary>Makes the option for one command.</summary>
    /// <param name="description">What is printed.</param>
    public static Option<bool> Create(string description) => new("--json") { Description = description };
}
