using Vt.Blocks.Contracts;

namespace Vt.Stores.Streams.Transport;

/// <summary>Makes lines to one server, as often as they are lost.</summary>
public interface ILineConnector
{
    /// <summary>Names the server in messages.</summary>
    string Description { get; }

    /// <summary>Makes a line.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The line, for the caller to dispose.</returns>
    /// <exception cref="StoreUnavailableException">There is no line to be had; it says whether trying again may help.</exception>
    ValueTask<StreamLine> ConnectAsync(CancellationToken cancellationToken);
}
