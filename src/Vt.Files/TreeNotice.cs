using Vt.Files.Inodes;

namespace Vt.Files;

/// <summary>Something that whoever remembers it has to forget, since the tree has become another.</summary>
/// <param name="Node">A node whose attributes, entries and content are others now; or a directory of whose entries one is.</param>
/// <param name="Name">The name of that entry, which may be there or not; null where the node itself is meant.</param>
public readonly record struct TreeNotice(NodeId Node, byte[]? Name);
