using Vt.Posix;

namespace Vt.Trees.Shadow;

/// <summary>What a shadow makes in its folder for itself.</summary>
public static class ShadowFolder
{
    /// <summary>The folder at the top in which things get ready, and which is never taken for a part of the tree.</summary>
    public static ReadOnlySpan<byte> StageName => ".vt-shadow"u8;

    /// <summary>Whether a path below the folder is the shadow's own.</summary>
    public static bool IsOwn(ReadOnlySpan<byte> path) =>
        path.StartsWith(StageName) && (path.Length == StageName.Length || path[StageName.Length] == (byte)'/');

    /// <summary>A path below the folder as people read it; a dot for the folder itself.</summary>
    public static string NameOf(ReadOnlySpan<byte> path) => path.IsEmpty ? "." : PathText.Of(path);
}
