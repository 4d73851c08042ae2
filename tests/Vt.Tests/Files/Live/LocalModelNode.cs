namespace Vt.Tests.Files.Live;

/// <summary>A file, which has a content, or a directory, which has children.</summary>
sealed class LocalModelNode
{
    public byte[] Content { get; set; } = [];

    public SortedDictionary<string, (LocalModelNode Node, bool IsLocal)>? Children { get; init; }
}
