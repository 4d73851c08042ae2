using Vt.Posix;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.DataDir.Packs;

/// <summary>A pack opened for reading. Counted: the descriptor is closed when the last user has let go.</summary>
/// <param name="pack">The pack.</param>
/// <param name="path">The name that it was opened by.</param>
/// <param name="file">The descriptor, which becomes this object's.</param>
sealed class PackHandle(PackId pack, string path, FileDescriptor file) : IDisposable
{
    int _references = 1;

    public PackId Pack => pack;

    public string Path => path;

    public FileDescriptor File => file;

    /// <summary>When it was last used, by <see cref="PackFiles"/>' count.</summary>
    public long LastUse { get; set; }

    /// <summary>One user more. The caller knows that there is one now.</summary>
    public void Acquire() => Interlocked.Increment(ref _references);

    /// <summary>One user less.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            file.Dispose();
    }
}
