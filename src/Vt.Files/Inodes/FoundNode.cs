namespace Vt.Files.Inodes;

/// <summary>What a name leads to.</summary>
/// <param name="Node">The node; the caller holds one lookup of it, which <c>Forget</c> takes back.</param>
/// <param name="Attributes">What stat(2) tells of it.</param>
public readonly record struct FoundNode(NodeId Node, InodeAttributes Attributes);
