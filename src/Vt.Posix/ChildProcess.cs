using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>
/// A program whose standard streams are descriptors of our choice (posix_spawn(3)), as the framework's own processes can't have: it gives them pipes, whose writer is
/// woken for each piece that is read where a socket's waits until most is.
/// </summary>
public sealed unsafe partial class ChildProcess : IDisposable
{
    // More than glibc (80, 336) and musl need.
    const int ActionsRoom = 256;
    const int AttributesRoom = 512;
    const int SignalSetRoom = 128;
    const short POSIX_SPAWN_SETSIGDEF = 4;
    const short POSIX_SPAWN_SETSIGMASK = 8;
    const int WNOHANG = 1;

    readonly ProcessHandle? _handle;

    ChildProcess(int id)
    {
        Id = id;
        _handle = ProcessHandle.TryOpen(id);
    }

    /// <summary>Its number; it is nobody else's until the end has been waited for.</summary>
    public int Id { get; }

    /// <summary>Starts a program with the environment of this process, no signal blocked or ignored.</summary>
    /// <param name="program">A path, or a name that is looked for in PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="input">Its standard input; stays the caller's, as the others do.</param>
    /// <param name="output">Its standard output.</param>
    /// <param name="error">Its standard error.</param>
    /// <exception cref="PosixException">It can't be started.</exception>
    public static ChildProcess Start(string program, IReadOnlyList<string> arguments, FileDescriptor input, FileDescriptor output, FileDescriptor error)
    {
        var texts = new nint[arguments.Count + 2];
        try
        {
            texts[0] = Marshal.StringToCoTaskMemUTF8(program);
            for (var i = 0; i < arguments.Count; i++)
                texts[i + 1] = Marshal.StringToCoTaskMemUTF8(arguments[i]);
            return new ChildProcess(Spawn(texts, input, output, error));
        }
        finally
        {
            foreach (var text in texts)
                Marshal.FreeCoTaskMem(text);
        }
    }

    /// <summary>Waits for its end, on the calling thread.</summary>
    /// <param name="timeout">How long at most.</param>
    /// <returns>Whether it has ended.</returns>
    public bool WaitForEnd(TimeSpan timeout)
    {
        if (_handle is not null && !_handle.WaitForEnd(timeout))
            return false;

        // Where it can't be held (its end was somebody else's to hear, say) there is nothing to wait for.
        int status;
        return waitpid(Id, &status, _handle is null ? WNOHANG : 0) != 0;
    }

    /// <summary>Ends it and all that it started, at once, and waits for its end.</summary>
    public void Kill()
    {
        try
        {
            using var process = Process.GetProcessById(Id);
            process.Kill(entireProcessTree: true);
        }
        catch (Exception fault) when (fault is ArgumentException or InvalidOperationException or AggregateException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself, or some of what it started belongs to somebody else.
            _ = ProcessControl.TryKill(Id, ProcessControl.SIGKILL);
        }

        int status;
        _ = waitpid(Id, &status, 0);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle?.Dispose();

    static int Spawn(nint[] texts, FileDescriptor input, FileDescriptor output, FileDescriptor error)
    {
        var actions = stackalloc byte[ActionsRoom];
        var attributes = stackalloc byte[AttributesRoom];
        var all = stackalloc byte[SignalSetRoom];
        var none = stackalloc byte[SignalSetRoom];
        _ = posix_spawn_file_actions_init(actions);
        _ = posix_spawnattr_init(attributes);
        _ = sigfillset(all);
        _ = sigemptyset(none);
        _ = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
        _ = posix_spawnattr_setsigdefault(attributes, all);
        _ = posix_spawnattr_setsigmask(attributes, none);
        _ = posix_spawn_file_actions_adddup2(actions, input.Value, 0);
        _ = posix_spawn_file_actions_adddup2(actions, output.Value, 1);
        _ = posix_spawn_file_actions_adddup2(actions, error.Value, 2);
        int id;
        int failure;
        fixed (nint* first = texts)
            failure = posix_spawnp(&id, (byte*)texts[0], actions, attributes, first, Environ());
        _ = posix_spawn_file_actions_destroy(actions);
        _ = posix_spawnattr_destroy(attributes);
        GC.KeepAlive(input);
        GC.KeepAlive(output);
        GC.KeepAlive(error);
        return failure == 0 ? id : throw new PosixException((Errno)failure, "posix_spawn");
    }

    static nint* Environ() => *(nint**)NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "environ");

    [LibraryImport(Libc.Name)]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport(Libc.Name)]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);

    [LibraryImport(Libc.Name)]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport(Libc.Name)]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport(Libc.Name)]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport(Libc.Name)]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport(Libc.Name)]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport(Libc.Name)]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport(Libc.Name)]
    private static partial int posix_spawnp(int* id, byte* program, byte* actions, byte* attributes, nint* arguments, nint* environment);

    [LibraryImport(Libc.Name)]
    private static partial int sigfillset(byte* signals);

    [LibraryImport(Libc.Name)]
    private static partial int sigemptyset(byte* signals);

    [LibraryImport(Libc.Name)]
    private static partial int waitpid(int id, int* status, int options);
}
