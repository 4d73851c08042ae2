using Vt.Trees.Directories;

namespace Vt.Tests.Trees;

/// <summary>Tests of directories in a store of their own, which counts what it is asked.</summary>
public abstract class StoredTreeTests : IDisposable
{
    private protected StoredTreeTests()
    {
        Batch = new TreeBatch(Store);
        Reader = new DirectoryReader(Store, new DirectoryNodeCache());
    }

    private protected CountingStore Store { get; } = new();

    private protected TreeBatch Batch { get; }

    private protected DirectoryReader Reader { get; }

    public void Dispose()
    {
        Batch.Dispose();
        GC.SuppressFinalize(this);
    }
}
