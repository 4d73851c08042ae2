using Vt.Fuse.Protocol;

namespace Vt.TestServer;

/// <summary>A file, folder or link of the sample filesystem, which has it all in memory.</summary>
sealed class SampleNode(ulong id, uint mode)
{
    public NodeId Id { get; } = new(id);

    public uint Mode { get; set; } = mode;

    public uint Uid { get; set; }

    public uint Gid { get; set; }

    public uint Device { get; init; }

    public uint Links { get; set; } = 1;

    public long ModificationSeconds { get; set; } = 1_000_000_000;

    public uint ModificationNanoseconds { get; set; } = 123_456_789;

    /// <summary>Content of a file, target of a link; null of a folder.</summary>
    public byte[] Data { get; set; } = [];

    /// <summary>The names of a folder, in the order of reading.</summary>
    public SortedDictionary<string, SampleNode>? Children { get; init; }

    public Dictionary<string, byte[]> Xattrs { get; } = [];

    /// <summary>How often the kernel was given this node and has not forgotten it.</summary>
    public ulong Lookups { get; set; }

    public bool IsFolder => Children is not null;

    public uint Type => Mode >> 12;
}
