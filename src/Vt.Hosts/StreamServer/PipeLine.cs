using Vt.Stores.Streams.Transport;

namespace Vt.Hosts.StreamServer;

/// <summary>A line over this process's standard input and output, or any two streams.</summary>
/// <param name="input">What comes from the client.</param>
/// <param name="output">What goes to it.</param>
public sealed class PipeLine(Stream input, Stream output) : StreamLine
{
    /// <inheritdoc/>
    public override Stream Input => input;

    /// <inheritdoc/>
    public override Stream Output => output;

    /// <inheritdoc/>
    public override bool WaitsWithoutBuffer => false;

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await output.DisposeAsync();
        await input.DisposeAsync();
    }
}
