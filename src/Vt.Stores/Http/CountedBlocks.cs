using Vt.Blocks.Hashing;

namespace Vt.Stores.Http;

/// <summary>The names of blocks of which a server said that they are there, until it says that it has flushed: another run of it is asked about them again. Thread-safe.</summary>
sealed class CountedBlocks
{
    // Guards all below.
    readonly Lock _gate = new();
    readonly List<Part> _parts = [];
    bool _isOpen;
    int _count;

    /// <summary>How many names there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>Takes note of names.</summary>
    /// <param name="names">The names.</param>
    /// <param name="instance">The run of the server that said so.</param>
    public void Note(IReadOnlyCollection<BlockHash> names, string instance)
    {
        lock (_gate)
        {
            // They share a question with those before, as far as it has room: so many small ones cost few when they are asked again.
            if (!_isOpen || _parts[^1].Instance != instance || _parts[^1].Names.Count + names.Count > HttpWire.MostHashes)
                _parts.Add(new Part { Instance = instance });
            _parts[^1].Names.AddRange(names);
            _isOpen = true;
            _count += names.Count;
        }
    }

    /// <summary>All that there are now; what is noted later has parts of its own.</summary>
    public Part[] Snapshot()
    {
        lock (_gate)
        {
            _isOpen = false;
            return [.. _parts];
        }
    }

    /// <summary>Forgets names of blocks that are durable.</summary>
    public void Remove(Part[] durable)
    {
        lock (_gate)
        {
            foreach (var part in durable)
                _count -= _parts.Remove(part) ? part.Names.Count : 0;
        }
    }

    /// <summary>Names that one question has room for.</summary>
    internal sealed class Part
    {
        /// <summary>The names.</summary>
        public List<BlockHash> Names { get; } = [];

        /// <summary>The run of the server that has the blocks.</summary>
        public required string Instance { get; set; }
    }
}
