using Vt.Stores.Streams.Protocol;

namespace Vt.Stores.Streams.Client;

/// <summary>The frames of an answer, in order; at least one.</summary>
/// <param name="Frames">Held once each by this.</param>
readonly record struct Answer(Frame[] Frames) : IDisposable
{
    /// <summary>The first frame's meta.</summary>
    public ReadOnlySpan<byte> Meta => Frames[0].Meta;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var frame in Frames)
            frame.Release();
    }
}
