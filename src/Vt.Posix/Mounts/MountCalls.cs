using System.Globalization;
using System.Runtime.InteropServices;

namespace Vt.Posix.Mounts;

/// <summary>mount(2) and umount2(2). Paths are our own text: a mountpoint is named by a person.</summary>
public static unsafe partial class MountCalls
{
    /// <summary>Mounts; answers with the error.</summary>
    /// <param name="source">What the mount table shows as its source.</param>
    /// <param name="target">The mountpoint.</param>
    /// <param name="type">The filesystem's type.</param>
    /// <param name="flags">How.</param>
    /// <param name="data">The filesystem's own options, separated by commas.</param>
    public static Errno TryMount(string source, string target, string type, MountFlags flags, string data)
    {
        using var nativeSource = new NativePath(source, stackalloc byte[NativePath.StackRoom]);
        using var nativeTarget = new NativePath(target, stackalloc byte[NativePath.StackRoom]);
        using var nativeType = new NativePath(type, stackalloc byte[NativePath.StackRoom]);
        using var nativeData = new NativePath(data, stackalloc byte[NativePath.StackRoom]);
        if (nativeSource.HasNul || nativeTarget.HasNul || nativeType.HasNul || nativeData.HasNul)
            return Errno.EINVAL;
        fixed (byte* sourcePointer = nativeSource, targetPointer = nativeTarget, typePointer = nativeType, dataPointer = nativeData)
            return mount(sourcePointer, targetPointer, typePointer, (nuint)flags, dataPointer) < 0 ? Libc.LastError : Errno.OK;
    }

    /// <summary>Unmounts the topmost mount of a place; answers with the error.</summary>
    public static Errno TryUnmount(string target, UnmountFlags flags)
    {
        using var native = new NativePath(target, stackalloc byte[NativePath.StackRoom]);
        if (native.HasNul)
            return Errno.EINVAL;
        fixed (byte* pointer = native)
            return umount2(pointer, (int)flags) < 0 ? Libc.LastError : Errno.OK;
    }

    /// <summary>
    /// The absolute path, without symbolic links, of what is at a path; works on a mount whose server is dead too.
    /// </summary>
    /// <exception cref="PosixException">Nothing is there, or it can't be reached.</exception>
    public static string Resolve(string path)
    {
        using var place = PosixFile.Open(path, OpenFlags.O_PATH);
        var link = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{place.Value}");
        return new FileInfo(link).LinkTarget ?? Path.GetFullPath(path);
    }

    [LibraryImport(Libc.Name)]
    private static partial int mount(byte* source, byte* target, byte* type, nuint flags, byte* data);

    [LibraryImport(Libc.Name)]
    private static partial int umount2(byte* target, int flags);
}
