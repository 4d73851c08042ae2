using Vt.Posix;

namespace Vt.Trees.Import;

/// <summary>An open directory of the source. Closed when the walker has left it and no file in it waits to be read.</summary>
sealed class SourceDirectory(FileDescriptor descriptor, byte[] path)
{
    int _users = 1;

    /// <summary>The directory.</summary>
    public FileDescriptor Descriptor { get; } = descriptor;

    /// <summary>Its path below the source; empty for the source itself.</summary>
    public byte[] Path { get; } = path;

    /// <summary>The path of a name in it; of the empty name, its own.</summary>
    public byte[] PathOf(ReadOnlySpan<byte> name)
    {
        if (Path.Length == 0)
            return name.ToArray();
        if (name.IsEmpty)
            return Path;
        var path = new byte[Path.Length + 1 + name.Length];
        Path.CopyTo(path, 0);
        path[Path.Length] = (byte)'/';
        name.CopyTo(path.AsSpan(Path.Length + 1));
        return path;
    }

    /// <summary>One user more.</summary>
    public void Hold() => Interlocked.Increment(ref _users);

    /// <summary>One user less.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            Descriptor.Dispose();
    }
}
