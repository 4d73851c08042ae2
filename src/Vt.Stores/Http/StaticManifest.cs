namespace Vt.Stores.Http;

/// <summary>What an exported store says of itself, for whoever reads it through a server of files.</summary>
/// <param name="Format">The format's version: <see cref="Version"/>.</param>
/// <param name="Hash">The name of its hash algorithm.</param>
/// <param name="Chunking">How writers cut what is in it.</param>
/// <param name="Layout">Where the blocks are: <see cref="Layouts"/>.</param>
/// <param name="References">The file of the references.</param>
public sealed record StaticManifest(int Format, string Hash, ChunkingInfo Chunking, string Layout, string References)
{
    /// <summary>The version that this program writes.</summary>
    public const int Version = 1;

    /// <summary>The only layout so far.</summary>
    public const string Layouts = "h/{first2}/{hash}";
}
