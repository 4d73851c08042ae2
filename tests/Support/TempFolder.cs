using System.Text;
using Vt.Posix;

namespace Vt.Tests.Support;

/// <summary>A folder of a test's own, gone with all that is in it when the test ends, whatever its permissions.</summary>
public sealed class TempFolder : IDisposable
{
    const string Memory = "/dev/shm";

    /// <summary>Makes a folder.</summary>
    /// <param name="inMemory">Whether it may lie in memory, for tests that sync a thousand times.</param>
    public TempFolder(bool inMemory = false) => Path = inMemory && Directory.Exists(Memory)
        ? Directory.CreateDirectory(System.IO.Path.Combine(Memory, $"vt-test-{Guid.NewGuid():n}")).FullName
        : Directory.CreateTempSubdirectory("vt-test-").FullName;

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>Its path in bytes.</summary>
    public byte[] Bytes => Encoding.UTF8.GetBytes(Path);

    /// <summary>The path of something in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Makes a folder in it.</summary>
    public string Make(string name) => Directory.CreateDirectory(this[name]).FullName;

    /// <summary>Writes a file in it.</summary>
    public string Write(string name, string content)
    {
        File.WriteAllText(this[name], content);
        return this[name];
    }

    public void Dispose() => Remove(Encoding.UTF8.GetBytes(Path));

    /// <summary>Removes a tree by bytes: names need not be UTF-8, nor folders readable.</summary>
    public static void Remove(byte[] path)
    {
        if (PosixFile.TryOpen(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW, 0, out var folder) == Errno.OK)
        {
            using (folder)
                Empty(folder);
        }

        _ = PosixFile.TryRmdirAt(FileDescriptor.CurrentDirectory, path);
    }

    static void Empty(FileDescriptor folder)
    {
        _ = Ownership.TryChmod(folder, 0x1c0);
        foreach (var name in Directories.SortedNames(folder))
        {
            if (PosixFile.TryUnlinkAt(folder, name) is Errno.OK)
                continue;
            if (PosixFile.TryOpenAt(folder, name, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW, 0, out var inner) == Errno.OK)
            {
                using (inner)
                    Empty(inner);
            }

            _ = PosixFile.TryRmdirAt(folder, name);
        }
    }
}
