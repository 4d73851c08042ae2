using Vt.Blocks.Hashing;

namespace Vt.Stores.DataDir.Inspection;

/// <summary>Something that verification found.</summary>
/// <param name="File">The file, from the DataDir's folder.</param>
/// <param name="Offset">Where in it, in bytes.</param>
/// <param name="What">What is wrong.</param>
/// <param name="Affected">Blocks that can't be read because of it, as far as anything still names them.</param>
public sealed record DataDirFault(string File, long Offset, string What, IReadOnlyList<BlockHash> Affected);
