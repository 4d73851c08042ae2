using Vt.Stores.DataDir.Index;

namespace Vt.Stores.S3.Index;

/// <summary>An index object in use.</summary>
/// <param name="Id">Its id, which its key repeats.</param>
/// <param name="Name">Its key behind <c>index/</c>, and its local copy's name.</param>
/// <param name="Level">Its level.</param>
/// <param name="Head">Its head.</param>
/// <param name="Run">Its run; this object holds it once.</param>
sealed record LoadedIndex(PackId Id, string Name, int Level, IndexHead Head, Run Run);
