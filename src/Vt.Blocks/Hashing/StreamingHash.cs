namespace Vt.Blocks.Hashing;

/// <summary>A hash over data that arrives in pieces. Not thread safe; gives the same name as hashing the whole at once.</summary>
public abstract class StreamingHash : IDisposable
{
    /// <summary>Takes the next piece.</summary>
    /// <param name="data">Any number of bytes; borrowed for the call.</param>
    public abstract void Append(ReadOnlySpan<byte> data);

    /// <summary>The name of all pieces so far. More may follow.</summary>
    public abstract BlockHash Current();

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
