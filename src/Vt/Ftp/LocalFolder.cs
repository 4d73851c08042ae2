using System.ComponentModel;
using System.Diagnostics;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Posix;

namespace Vt.Ftp;

/// <summary>The folder on the disk that a session works in. Paths are bytes.</summary>
/// <param name="path">The folder to begin in, absolute.</param>
/// <param name="home">The user's own folder; null where nobody says.</param>
sealed class LocalFolder(byte[] path, byte[]? home)
{
    /// <summary>The folder, absolute.</summary>
    public byte[] Path { get; private set; } = path;

    /// <summary>What a path that was typed means; <c>~</c> at its beginning is the user's own folder.</summary>
    public byte[] Resolve(byte[] typed)
    {
        if (typed is [(byte)'~'] or [(byte)'~', (byte)'/', ..] && home is not null)
            typed = [.. home, .. typed[1..]];
        return typed is [(byte)'/', ..] ? Normalize(typed) : Normalize([.. Path, (byte)'/', .. typed]);
    }

    /// <summary>Goes to a folder.</summary>
    /// <exception cref="UserErrorException">There is no such folder.</exception>
    public void Enter(byte[]? typed)
    {
        var folder = typed is null ? home ?? throw new UserErrorException("lcd: nobody says which folder is yours; say one") : Resolve(typed);
        if (PosixFile.TryStatAt(FileDescriptor.CurrentDirectory, folder, follow: true, out var status) is var error && error != Errno.OK)
            throw new UserErrorException($"lcd: {PathText.Of(folder)}: {PosixException.TextOf(error)}");
        if (!status.IsDirectory)
            throw new UserErrorException($"lcd: {PathText.Of(folder)} is no folder");
        Path = folder;
    }

    /// <summary>What is at a path; null for nothing. Symbolic links are not followed, unless that is said.</summary>
    public static Statx? Look(byte[] path, bool follow = false) =>
        PosixFile.TryStatAt(FileDescriptor.CurrentDirectory, path, follow, out var status) == Errno.OK ? status : null;

    /// <summary>Lists a folder in the order of the names; nothing of what is none, or can't be read.</summary>
    public static async IAsyncEnumerable<(byte[] Name, bool IsFolder)> ListAsync(byte[] path)
    {
        await Task.CompletedTask;
        if (PosixFile.TryOpen(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0, out var folder) != Errno.OK)
            yield break;
        using (folder)
        {
            foreach (var name in Directories.SortedNames(folder))
                yield return (name, PosixFile.TryStatAt(folder, name, follow: true, out var status) == Errno.OK && status.IsDirectory);
        }
    }

    /// <summary>The paths that a pattern stands for.</summary>
    public Task<List<byte[]>> ExpandAsync(FtpWord word, CancellationToken cancellationToken)
    {
        var isAbsolute = word.Pattern is [(byte)'/', ..];
        var glob = new PathGlob(
            static (folder, _) => ListAsync(folder), static (folder, name) => folder is [(byte)'/'] ? [.. folder, .. name] : [.. folder, (byte)'/', .. name], folder => Normalize([.. folder, .. "/.."u8]));
        return glob.ExpandAsync(isAbsolute ? "/"u8.ToArray() : Path, word.Pattern, cancellationToken);
    }

    /// <summary>Runs a command of the shell in the folder, with the terminal as it is.</summary>
    /// <param name="command">The command; empty for a shell to type in.</param>
    /// <param name="shell">The user's shell; null for the system's.</param>
    /// <param name="cancellationToken">Not looked at before the command has ended: an interrupt at the terminal reaches it too.</param>
    /// <returns>Its exit status.</returns>
    public async Task<int> RunAsync(string command, string? shell, CancellationToken cancellationToken)
    {
        if (command.Any(static c => char.IsSurrogate(c)) && LosslessText.FromBytes(System.Text.Encoding.UTF8.GetBytes(command)) != command)
            throw new UserErrorException("a command with bytes that are not UTF-8 can't be passed on: write them with printf, as \"$(printf '\\351')\"");
        var program = shell is ['/', ..] ? FtpQuoting.ForShell(LosslessText.ToBytes(shell)) : "/bin/sh";
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"cd {FtpQuoting.ForShell(Path)} || exit 1; {(command.Length == 0 ? $"exec {program}" : command)}");
        try
        {
            using var process = Process.Start(start) ?? throw new UserErrorException("/bin/sh can't be started");
            await process.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            return process.ExitCode;
        }
        catch (Win32Exception fault)
        {
            throw new UserErrorException($"/bin/sh can't be started: {fault.Message}", fault);
        }
    }

    static byte[] Normalize(ReadOnlySpan<byte> path)
    {
        var names = new List<byte[]>();
        while (!path.IsEmpty)
        {
            var slash = path.IndexOf((byte)'/');
            var name = slash < 0 ? path : path[..slash];
            path = slash < 0 ? default : path[(slash + 1)..];
            if (name is [(byte)'.', (byte)'.'])
            {
                if (names.Count > 0)
                    names.RemoveAt(names.Count - 1);
            }
            else if (!name.IsEmpty && name is not [(byte)'.'])
            {
                names.Add(name.ToArray());
            }
        }

        var normal = new List<byte>();
        foreach (var name in names)
        {
            normal.Add((byte)'/');
            normal.AddRange(name);
        }

        return normal.Count == 0 ? "/"u8.ToArray() : [.. normal];
    }
}
