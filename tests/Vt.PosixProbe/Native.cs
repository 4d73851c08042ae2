using System.Runtime.InteropServices;

namespace Vt.PosixProbe;

/// <summary>The calls as they are: what is probed is what the kernel answers, so nothing of ours stands between.</summary>
static unsafe partial class Native
{
    const string Library = "libc";

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags, uint mode);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int close(int file);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int close_range(uint first, uint last, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint read(int file, nint buffer, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint write(int file, nint buffer, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint pread(int file, nint buffer, nuint length, long offset);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint pwrite(int file, nint buffer, nuint length, long offset);

    [LibraryImport(Library, SetLastError = true)]
    public static partial long lseek(int file, long offset, int whence);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int truncate(string path, long length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ftruncate(int file, long length);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int linkat(int from, string path, int to, string name, int flags);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int symlink(string target, string path);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint readlink(string path, byte* buffer, nuint length);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int unlink(string path);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int rmdir(string path);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int renameat2(int from, string path, int to, string name, uint flags);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mkdir(string path, uint mode);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mknod(string path, uint mode, ulong device);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statx(int directory, string path, int flags, uint mask, byte* status);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int faccessat(int directory, string path, int mode, int flags);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int fchmodat(int directory, string path, uint mode, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fchmod(int file, uint mode);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int fchownat(int directory, string path, uint uid, uint gid, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fchown(int file, uint uid, uint gid);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int utimensat(int directory, string? path, long* times, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int futimens(int file, long* times);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int lsetxattr(string path, string name, byte* value, nuint length, int flags);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint lgetxattr(string path, string name, byte* value, nuint length);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint llistxattr(string path, byte* names, nuint length);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int lremovexattr(string path, string name);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fallocate(int file, int mode, long offset, long length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint copy_file_range(int from, long* offset, int to, long* targetOffset, nuint length, uint flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int flock(int file, int operation);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fcntl(int file, int command, byte* argument);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statfs(string path, byte* status);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint mmap(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int munmap(nint address, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int msync(nint address, nuint length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fsync(int file);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fdatasync(int file);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int pipe(int* ends);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int name_to_handle_at(int directory, string path, byte* handle, int* mount, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int open_by_handle_at(int mount, byte* handle, int flags);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int chdir(string path);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint opendir(byte* path);

    [LibraryImport(Library, SetLastError = true)]
    public static partial byte* readdir(nint directory);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint telldir(nint directory);

    [LibraryImport(Library, SetLastError = true)]
    public static partial void seekdir(nint directory, nint position);

    [LibraryImport(Library, SetLastError = true)]
    public static partial void rewinddir(nint directory);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int closedir(nint directory);

    [LibraryImport(Library, SetLastError = true)]
    public static partial uint umask(uint mask);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int unshare(int what);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int posix_spawn(int* process, string path, nint actions, nint attributes, byte** arguments, byte** environment);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int kill(int process, int number);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int waitpid(int process, int* status, int options);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint syscall(nint number, nint first, nint second, nint third);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setrlimit(int resource, ulong* limit);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint signal(int number, nint handler);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int clock_gettime(int clock, long* time);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int posix_memalign(nint* memory, nuint alignment, nuint length);
}
