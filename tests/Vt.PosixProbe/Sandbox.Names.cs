using System.Text;
using static Vt.PosixProbe.Native;
using static Vt.PosixProbe.Numbers;

namespace Vt.PosixProbe;

/// <content>Calls on names.</content>
sealed unsafe partial class Sandbox
{
    public void Link(string path, string name, int flags = 0) => Log($"link({path}, {name}, {flags:x}) = {Done(linkat(AT_FDCWD, path, AT_FDCWD, name, flags))}");

    public void LinkFile(int file, string name) => Log($"link of the open file to {name} = {Done(linkat(AT_FDCWD, $"/proc/self/fd/{file}", AT_FDCWD, name, AT_SYMLINK_FOLLOW))}");

    public void LinkEmpty(int file, string name) => Log($"linkat(fd, \"\", {name}, AT_EMPTY_PATH) = {Done(linkat(file, "", AT_FDCWD, name, AT_EMPTY_PATH))}");

    public void Symlink(string target, string path) => Log($"symlink({target}, {path}) = {Done(symlink(target, path))}");

    public void Readlink(string path, int room = 5000)
    {
        var buffer = new byte[Math.Max(room, 1)];
        fixed (byte* bytes = buffer)
        {
            var count = readlink(path, bytes, (nuint)room);
            Log($"readlink({path}, {room}) = {(count < 0 ? Error : $"{count} {Encoding.UTF8.GetString(buffer, 0, (int)count)}")}");
        }
    }

    public void Unlink(string path) => Log($"unlink({path}) = {Done(unlink(path))}");

    public void Rmdir(string path) => Log($"rmdir({path}) = {Done(rmdir(path))}");

    public void Rename(string path, string name, uint flags = 0) => Log($"rename({path}, {name}, {flags}) = {Done(renameat2(AT_FDCWD, path, AT_FDCWD, name, flags))}");

    public void Mkdir(string path, uint mode = 0x1ed) => Log($"mkdir({path}, {Octal(mode)}) = {Done(mkdir(path, mode))}");

    public void Mknod(string path, uint mode, int major = 0, int minor = 0) =>
        Log($"mknod({path}, {Octal(mode)}, {major}:{minor}) = {Done(mknod(path, mode, (ulong)((major << 8) | minor)))}");

    public void Access(string path, int mode, int flags = 0) => Log($"access({path}, {mode}, {flags:x}) = {Done(faccessat(AT_FDCWD, path, mode, flags))}");

    public void Chdir(string path) => Log($"chdir({path}) = {Done(chdir(path))}");

    /// <summary>The names in a folder, in order of bytes.</summary>
    public void List(string path)
    {
        var names = new List<string>();
        var ok = ForEachName(path, (name, _, _) => names.Add(name));
        names.Sort(StringComparer.Ordinal);
        Log($"list({path}) = {(ok ? string.Join(' ', names) : Error)}");
    }

    /// <summary>Calls back for each entry with its name, its type as in readdir(3), and its number.</summary>
    public static bool ForEachName(string path, Action<string, byte, ulong> each)
    {
        nint directory;
        fixed (byte* bytes = Encoding.UTF8.GetBytes(path + "\0"))
            directory = opendir(bytes);
        if (directory == 0)
            return false;
        for (var entry = readdir(directory); entry is not null; entry = readdir(directory))
            each(NameOf(entry), entry[18], *(ulong*)entry);
        closedir(directory);
        return true;
    }

    /// <summary>The name in a struct dirent.</summary>
    public static string NameOf(byte* entry) => System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)(entry + 19))!;

    /// <summary>Starts a program with one argument; its number, or -1.</summary>
    public int Spawn(string path, string argument)
    {
        int process;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"), first = Encoding.UTF8.GetBytes(argument + "\0"))
        {
            var arguments = stackalloc byte*[3] { name, first, null };
            byte* none = null;
            var error = posix_spawn(&process, path, 0, 0, arguments, &none);
            Log($"spawn({path}) = {(Vt.Posix.Errno)error}");
            return error == 0 ? process : -1;
        }
    }

    /// <summary>Ends a program and takes its end in.</summary>
    public static void End(int process)
    {
        const int kills = 9;
        int status;
        if (process > 0 && kill(process, kills) == 0)
            _ = waitpid(process, &status, 0);
    }

    public void Statfs(string path)
    {
        var status = stackalloc byte[256];
        var result = statfs(path, status);

        // f_bsize at 8, f_blocks 16, f_bfree 24, f_bavail 32, f_files 40, f_namelen 64.
        var isSane = *(long*)(status + 16) >= *(long*)(status + 24) && *(long*)(status + 24) >= *(long*)(status + 32) && *(long*)(status + 16) > 0;
        Log($"statfs({path}) = {(result < 0 ? Error : $"names of {*(long*)(status + 64)}, blocks of {*(long*)(status + 8)}, {(isSane ? "sane" : "not sane")}")}");
    }

    /// <summary>Takes a handle of a file; null where there is none to be had.</summary>
    public byte[]? Handle(string path, uint room = 128, int flags = 0)
    {
        var handle = new byte[8 + 128];
        var mount = 0;
        fixed (byte* bytes = handle)
        {
            *(uint*)bytes = room;
            var result = name_to_handle_at(AT_FDCWD, path, bytes, &mount, flags);
            Log($"name_to_handle_at({path}, {room}) = {Done(result)}");
            return result < 0 ? null : handle;
        }
    }

    /// <summary>Opens by a handle.</summary>
    public int OpenHandle(byte[]? handle, string what, int flags = O_RDONLY)
    {
        var place = open(".", O_RDONLY, 0);
        fixed (byte* bytes = handle ?? new byte[136])
        {
            var file = open_by_handle_at(place, bytes, flags);
            Log($"open_by_handle_at({what}) = {(file < 0 ? Error : "a file")}");
            _ = close(place);
            return file;
        }
    }
}
