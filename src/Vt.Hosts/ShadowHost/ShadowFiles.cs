using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Posix;

namespace Vt.Hosts.ShadowHost;

/// <summary>The folder in which a shadow keeps what it knows. One process at a time has it to change.</summary>
/// <param name="path">The folder, an absolute path.</param>
/// <param name="boundary">The crash tests' hook; null for none.</param>
public sealed class ShadowFiles(string path, WriteBoundary? boundary = null) : IDisposable
{
    const uint FileMode = 0x180;
    const uint FolderMode = 0x1c0;
    const int HashDigits = 32;

    FileDescriptor? _lock;

    /// <summary>The folder.</summary>
    public string Path => path;

    string StateFile => System.IO.Path.Combine(path, "state");

    string LockFile => System.IO.Path.Combine(path, "lock");

    /// <summary>The place of a folder's shadow below a folder for all of them.</summary>
    public static string PlaceOf(string states, string folder) =>
        System.IO.Path.Combine(states, Vt.Blocks.Hashing.HashAlgorithms.GetHasher(Vt.Blocks.Hashing.HashAlgorithmId.Blake3).Hash(LosslessText.ToBytes(folder)).ToString()[..HashDigits]);

    /// <summary>Takes it, and makes it where it isn't.</summary>
    /// <exception cref="UserErrorException">Another process has it.</exception>
    public void Take()
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw NotUsable(FileFault.TextOf(fault));
        }

        var error = PosixFile.TryMkdir(path, FolderMode);
        if (error is not (Errno.OK or Errno.EEXIST))
            throw NotUsable(PosixException.TextOf(error));
        error = PosixFile.TryOpen(LockFile, OpenFlags.O_RDWR | OpenFlags.O_CREAT, FileMode, out var file);
        if (error != Errno.OK)
        {
            file.Dispose();
            throw NotUsable(PosixException.TextOf(error));
        }

        if (!Locks.LockRange(file, LockKind.Exclusive, 0, 1 + Environment.ProcessId, wait: false))
        {
            file.Dispose();
            throw new UserErrorException($"another vt shadow is at work on this folder{(FindHolder() is { } holder ? $", process {holder}" : "")}");
        }

        _lock = file;
    }

    /// <summary>The process that has it; null where none has.</summary>
    public int? FindHolder()
    {
        var error = PosixFile.TryOpen(LockFile, OpenFlags.O_RDWR, 0, out var file);
        using (file)
            return error == Errno.OK && Locks.FindRange(file, LockKind.Exclusive, 0, 1) is { } other ? (int)(other.Length - 1) : null;
    }

    /// <summary>What it knows; null where there is nothing yet.</summary>
    /// <exception cref="UserErrorException">It is damaged, or can't be read.</exception>
    public ShadowState? Read()
    {
        var error = PosixFile.TryOpen(StateFile, OpenFlags.O_RDONLY, 0, out var file);
        file.Dispose();
        if (error == Errno.ENOENT)
            return null;
        if (error != Errno.OK)
            throw NotUsable(PosixException.TextOf(error));
        try
        {
            return ShadowStateText.Parse(File.ReadAllText(StateFile));
        }
        catch (FormatInvalidException fault)
        {
            throw new UserErrorException($"{StateFile} is damaged: {fault.What}; with --anew both sides are joined as at the first time", fault);
        }
    }

    /// <summary>Replaces it, durably.</summary>
    /// <exception cref="UserErrorException">It can't be written.</exception>
    public void Write(ShadowState state)
    {
        try
        {
            Replace(state);
        }
        catch (PosixException fault)
        {
            throw new UserErrorException($"{StateFile} can't be written: {PosixException.TextOf(fault.Error)}; what this round did stays, and the next one finds it", fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();

    void Replace(ShadowState state)
    {
        var fresh = StateFile + ".new";
        Cross(WriteStep.Create, fresh, () =>
        {
            using var file = PosixFile.Open(fresh, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC, FileMode);
            PosixFile.PwriteFully(file, Encoding.UTF8.GetBytes(ShadowStateText.Format(state)), 0);
            PosixFile.Fsync(file);
        });
        Cross(WriteStep.Rename, StateFile, () => PosixFile.Rename(fresh, StateFile));

        // Carries the round: from here on both sides count as agreed.
        Cross(WriteStep.SyncFolder, path, () => PosixFile.SyncDirectory(path));
    }

    UserErrorException NotUsable(string why) => new($"{path}, where the shadow keeps what it knows, can't be used: {why}");

    void Cross(WriteStep step, string file, Action change)
    {
        boundary?.Cross(step, file, false);
        change();
        boundary?.Cross(step, file, true);
    }
}
