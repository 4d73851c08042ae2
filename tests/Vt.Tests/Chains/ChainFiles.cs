using System.Text;
using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Files.Access;
using Vt.Files.Inodes;
using Vt.Posix;

namespace Vt.Tests.Chains;

/// <summary>A live archive on a chain, without a kernel, that tells which contents it has acknowledged.</summary>
sealed class ChainFiles : IAsyncDisposable
{
    const uint FileMode = ModeBits.S_IFREG | 0x1a4;

    readonly LiveArchive _archive;
    readonly List<string> _log;
    readonly Dictionary<string, byte[]> _written = [];

    ChainFiles(LiveArchive archive, List<string> log) => (_archive, _log) = (archive, log);

    /// <summary>What an fsync or a checkpoint has promised: names and contents.</summary>
    public Dictionary<string, byte[]> Acknowledged { get; } = [];

    /// <summary>What was said of failures.</summary>
    public IReadOnlyList<string> Log => _log;

    /// <summary>The names of files that were written to their ends.</summary>
    public IReadOnlyCollection<string> Taken => _written.Keys;

    /// <summary>Whether all was stored when it was closed.</summary>
    public bool IsAllStored => _archive.Files.IsAllStored;

    public static async Task<ChainFiles> OpenAsync(IBlockStore store, string path, CancellationToken cancellationToken)
    {
        var log = new List<string>();
        var options = new LiveFileSystemOptions
        {
            CheckpointInterval = TimeSpan.FromDays(1),
            EndPatience = TimeSpan.FromMilliseconds(60),
            Log = line =>
            {
                lock (log)
                    log.Add(line);
            },
        };
        return new ChainFiles(await LiveArchive.OpenAsync(store, path, null, options, cancellationToken), log);
    }

    public ValueTask DisposeAsync() => _archive.DisposeAsync();

    /// <summary>Writes a new file; whether the file system took it.</summary>
    public async Task<bool> TryWriteAsync(string name, byte[] content)
    {
        var made = await _archive.Files.MakeAsync(new Caller(0, 0), NodeId.Root, Encoding.UTF8.GetBytes(name), FileMode, 0);
        if (!made.Succeeded)
            return false;
        var written = await _archive.Files.WriteAsync(made.Value.Node, 0, content);
        if (!written.Succeeded || written.Value != content.Length)
            return false;
        _written[name] = content;
        return true;
    }

    /// <summary>Makes everything durable; whether that was acknowledged.</summary>
    public async Task<bool> TryFsyncAsync(CancellationToken cancellationToken)
    {
        var written = _written.ToArray();
        if (await _archive.Files.FsyncAsync(NodeId.Root, cancellationToken) != Errno.OK)
            return false;
        Acknowledge(written);
        return true;
    }

    /// <summary>Makes a state.</summary>
    public async Task CheckpointAsync(CancellationToken cancellationToken)
    {
        var written = _written.ToArray();
        await _archive.Files.CheckpointAsync(cancellationToken);
        Acknowledge(written);
    }

    /// <summary>Reads a file; null where an error was told.</summary>
    public async Task<byte[]?> TryReadAsync(string name, CancellationToken cancellationToken)
    {
        var found = await _archive.Files.LookupAsync(NodeId.Root, Encoding.UTF8.GetBytes(name), cancellationToken);
        Assert.NotEqual(Errno.ENOENT, found.Error);
        if (!found.Succeeded)
            return null;
        var status = await _archive.Files.GetattrAsync(found.Value.Node, cancellationToken);
        if (!status.Succeeded)
            return null;
        var bytes = new byte[status.Value.Size];
        var read = await _archive.Files.ReadAsync(found.Value.Node, 0, bytes, cancellationToken);
        if (!read.Succeeded)
            return null;
        Assert.Equal(bytes.Length, read.Value);
        return bytes;
    }

    void Acknowledge(KeyValuePair<string, byte[]>[] written)
    {
        foreach (var (name, content) in written)
            Acknowledged[name] = content;
    }
}
