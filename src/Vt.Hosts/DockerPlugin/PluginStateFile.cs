using System.Text.Json;
using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Hosts.DockerPlugin;

/// <summary>The file in which the plugin keeps its state, replaced whole and durably; and the folder's lock, so that one process has it. Not safe from several threads at once.</summary>
public sealed class PluginStateFile : IDisposable
{
    /// <summary>The file's name; where it is, there is or was a plugin.</summary>
    public const string Name = "state.json";

    const string LockName = "lock";
    const uint FileMode = 0x180;

    readonly string _path;
    readonly FileDescriptor _lock;

    PluginStateFile(string path, FileDescriptor held)
    {
        _path = path;
        _lock = held;
    }

    /// <summary>Takes a folder, which is made.</summary>
    /// <exception cref="UserErrorException">Another process has it.</exception>
    public static PluginStateFile Open(string folder)
    {
        Directory.CreateDirectory(folder);
        var held = PosixFile.Open(Path.Combine(folder, LockName), OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_NOFOLLOW, FileMode);
        if (Locks.Flock(held, LockKind.Exclusive, wait: false))
            return new PluginStateFile(Path.Combine(folder, Name), held);
        held.Dispose();
        throw new UserErrorException($"{folder}: another docker-plugin of this name runs; end it first, or say another --name");
    }

    /// <summary>Reads the state; that of a new folder is empty.</summary>
    /// <exception cref="FormatInvalidException">The file is damaged, or a later version's.</exception>
    public PluginState Read()
    {
        if (!File.Exists(_path))
            return PluginState.Empty;
        try
        {
            var state = JsonSerializer.Deserialize(File.ReadAllBytes(_path), PluginJson.Default.PluginState);
            if (state is { Version: PluginState.CurrentVersion, Created: not null, Forgotten: not null, Mounts: not null })
                return state;
            throw new FormatInvalidException($"version {state?.Version} of the plugin's state, and not {PluginState.CurrentVersion}").In(_path);
        }
        catch (JsonException fault)
        {
            throw new FormatInvalidException($"the plugin's state can't be read: {fault.Message}").In(_path);
        }
    }

    /// <summary>Keeps a state; it is on the disk when this returns.</summary>
    public void Write(PluginState state)
    {
        var made = _path + ".part";
        using (var file = PosixFile.Open(made, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC | OpenFlags.O_NOFOLLOW, FileMode))
        {
            PosixFile.PwriteFully(file, JsonSerializer.SerializeToUtf8Bytes(state, PluginJson.Default.PluginState), 0);
            PosixFile.Fsync(file);
        }

        PosixFile.Rename(made, _path);
        PosixFile.SyncDirectory(Path.GetDirectoryName(_path)!);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
