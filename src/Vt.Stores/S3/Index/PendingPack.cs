using Vt.Stores.DataDir.Index;

namespace Vt.Stores.S3.Index;

/// <summary>A pack that is uploaded and stands in no index object yet.</summary>
/// <param name="Id">The pack.</param>
/// <param name="Run">Its table of contents; held once by this object.</param>
/// <param name="Contents">The same as bytes.</param>
/// <param name="Length">Its bytes.</param>
sealed record PendingPack(PackId Id, Run Run, byte[] Contents, long Length);
