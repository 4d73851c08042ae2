namespace Vt.Hosts.DockerEngine;

/// <summary>The engine could not be asked, or refused.</summary>
/// <param name="message">One line that says what, of whom, and the engine's own words.</param>
/// <param name="isUnreachable">Whether nobody answered, rather than with a refusal.</param>
/// <param name="inner">The cause, where there is one.</param>
public sealed class EngineException(string message, bool isUnreachable, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>Whether nobody answered, rather than with a refusal.</summary>
    public bool IsUnreachable => isUnreachable;
}
