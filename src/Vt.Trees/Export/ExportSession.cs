using System.Threading.Channels;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Trees.Directories;

namespace Vt.Trees.Export;

/// <summary>What the parts of one export share.</summary>
sealed class ExportSession : IDisposable
{
    const int BatchesWaiting = 2;
    const int MostOpenDirectories = 64;

    // Guards the issues and the calls to the options' OnIssue.
    readonly Lock _issuesGate = new();
    readonly List<ExportIssue> _issues = [];
    readonly Dictionary<(ExportIssueKind Kind, Errno Error), ExportIssue> _general = [];
    volatile bool _mayMakeUnnamed = true;

    public ExportSession(IBlockStore store, DirectoryNodeCache cache, ExportOptions options)
    {
        Store = store;
        Reader = new DirectoryReader(store, cache);
        Options = options;
        Counters = options.Counters ?? new ExportCounters();
        Metadata = new MetadataRestorer(this);
    }

    public IBlockStore Store { get; }

    public DirectoryReader Reader { get; }

    public ExportOptions Options { get; }

    public ExportCounters Counters { get; }

    public MetadataRestorer Metadata { get; }

    public OpenDirectories Directories { get; } = new(MostOpenDirectories);

    /// <summary>Whether files can be made without a name and named later (open(2), O_TMPFILE): nobody ever sees half of one then.</summary>
    public bool MayMakeUnnamed
    {
        get => _mayMakeUnnamed;
        set => _mayMakeUnnamed = value;
    }

    /// <summary>Whether what killed exports left may be removed, as no other export goes to the same destination.</summary>
    public bool MayClean { get; set; }

    public Channel<ExportBatch> Work { get; } = Channel.CreateBounded<ExportBatch>(
        new BoundedChannelOptions(BatchesWaiting) { SingleWriter = true });

    /// <inheritdoc/>
    public void Dispose() => Directories.Dispose();

    /// <summary>
    /// Asks the file system whom things belong to that are made in a directory, by making something: setgid of the directory,
    /// options of the mount and servers that know better all have their say. Finds out as well whether files can do without a name.
    /// </summary>
    /// <param name="directory">The directory, open.</param>
    /// <returns>Null where nothing can be made.</returns>
    public NewOwner? Probe(FileDescriptor directory)
    {
        var name = TemporaryNames.Next();
        Statx status;
        const OpenFlags Unnamed = OpenFlags.O_WRONLY | OpenFlags.O_TMPFILE;
        if (MayMakeUnnamed && PosixFile.TryOpenAt(directory, "."u8, Unnamed, 0x180, out var unnamed) == Errno.OK)
        {
            using (unnamed)
            {
                if (PosixFile.TryLinkFileAt(unnamed, directory, name) == Errno.OK)
                {
                    _ = PosixFile.TryUnlinkAt(directory, name);
                    return PosixFile.TryFstat(unnamed, out status) == Errno.OK ? new NewOwner(status.Uid, status.Gid) : null;
                }
            }
        }

        MayMakeUnnamed = false;
        var error = PosixFile.TryOpenAt(directory, name, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, 0x180, out var named);
        using (named)
        {
            if (error != Errno.OK)
                return null;
            _ = PosixFile.TryUnlinkAt(directory, name);
            return PosixFile.TryFstat(named, out status) == Errno.OK ? new NewOwner(status.Uid, status.Gid) : null;
        }
    }

    /// <summary>Notes something that was not brought back as it was. What only other rights would mend is told once, at the end.</summary>
    public void Report(ExportIssueKind kind, ExportDirectory directory, ReadOnlySpan<byte> name, Exception cause)
    {
        var error = cause is PosixException fault ? fault.Error : Errno.OK;
        Counters.CountIssue();
        lock (_issuesGate)
        {
            if (IsGeneral(kind, error))
            {
                _general[(kind, error)] = _general.TryGetValue((kind, error), out var known)
                    ? known with { Count = known.Count + 1 }
                    : new ExportIssue(kind, directory.PathOf(name), cause);
            }
            else
            {
                Tell(new ExportIssue(kind, directory.PathOf(name), cause));
            }
        }
    }

    /// <summary>Tells what is to be told at the end.</summary>
    public ExportResult Complete()
    {
        lock (_issuesGate)
        {
            foreach (var issue in _general.Values)
                Tell(issue);
            _general.Clear();
            return new ExportResult(Counters.Issues > 0, [.. _issues]);
        }
    }

    static bool IsGeneral(ExportIssueKind kind, Errno error) => kind switch
    {
        // EINVAL: a user namespace knows no such owner.
        ExportIssueKind.OwnerLost => error is Errno.EPERM or Errno.EINVAL,
        ExportIssueKind.AttributesLost => error is Errno.EPERM or Errno.EOPNOTSUPP,
        _ => false,
    };

    void Tell(ExportIssue issue)
    {
        if (_issues.Count < ExportResult.MostIssues)
            _issues.Add(issue);
        Options.OnIssue?.Invoke(issue);
    }
}
