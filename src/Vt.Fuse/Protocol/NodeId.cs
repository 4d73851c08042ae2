namespace Vt.Fuse.Protocol;

/// <summary>Names a node between kernel and filesystem, from the lookup that gave it until it is forgotten.</summary>
/// <param name="Value">The number on the wire.</param>
public readonly record struct NodeId(ulong Value)
{
    /// <summary>No node.</summary>
    public static NodeId None => default;

    /// <summary>The top folder; the kernel knows it from the start and never forgets it.</summary>
    public static NodeId Root => new(1);

    /// <summary>Whether it names no node.</summary>
    public bool IsNone => Value == 0;
}
