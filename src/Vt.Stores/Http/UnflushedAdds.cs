using System.Buffers;

namespace Vt.Stores.Http;

/// <summary>What was added to a server and may be lost with it until it says that it has flushed. Thread-safe.</summary>
sealed class UnflushedAdds : IDisposable
{
    // Guards the list and the sum.
    readonly Lock _gate = new();
    readonly List<Add> _adds = [];
    long _bytes;

    /// <summary>How many bytes they are.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
                return _bytes;
        }
    }

    /// <summary>Takes note of an add that the server has taken.</summary>
    /// <param name="body">The request's body, in an array of the pool, which is given away.</param>
    /// <param name="length">Its length.</param>
    /// <param name="instance">The run of the server that took it.</param>
    public void Note(byte[] body, int length, string instance)
    {
        lock (_gate)
        {
            _adds.Add(new Add(body, length) { Instance = instance });
            _bytes += length;
        }
    }

    /// <summary>Whether there is one that another run of the server has taken.</summary>
    public bool HasOther(string instance)
    {
        lock (_gate)
            return _adds.Exists(add => add.Instance != instance);
    }

    /// <summary>All that there are now.</summary>
    public Add[] Snapshot()
    {
        lock (_gate)
            return [.. _adds];
    }

    /// <summary>Forgets adds that are durable.</summary>
    public void Remove(Add[] durable)
    {
        lock (_gate)
        {
            foreach (var add in durable)
            {
                if (!_adds.Remove(add))
                    continue;
                _bytes -= add.Length;
                ArrayPool<byte>.Shared.Return(add.Body);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Remove(Snapshot());

    /// <summary>One add.</summary>
    /// <param name="Body">The request's body.</param>
    /// <param name="Length">Its length.</param>
    internal sealed record Add(byte[] Body, int Length)
    {
        /// <summary>The run of the server that has it.</summary>
        public required string Instance { get; set; }

        /// <inheritdoc/>
        public bool Equals(Add? other) => ReferenceEquals(this, other);

        /// <inheritdoc/>
        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }
}
