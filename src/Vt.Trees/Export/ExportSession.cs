using System.Threading.Channels;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Trees.Directories;

namespace Vt.Trees.Export;

/// <summary>What the parts of one export share.</summary>
sealed class ExportSession
{
    const int BatchesWaiting = 2;

    // Guards the issues and the calls to the options' OnIssue.
    readonly Lock _issuesGate = new();
    readonly List<ExportIssue> _issues = [];
    readonly HashSet<(ExportIssueKind Kind, Errno Error)> _reported = [];

    public ExportSession(IBlockStore store, DirectoryNodeCache cache, ExportOptions options)
    {
        Store = store;
        Reader = new Directories.DirectoryReader(store, cache);
        Options = options;
        Counters = options.Counters ?? new ExportCounters();
        Metadata = new MetadataRestorer(this);
    }

    public IBlockStore Store { get; }

    public Directories.DirectoryReader Reader { get; }

    public ExportOptions Options { get; }

    public ExportCounters Counters { get; }

    public MetadataRestorer Metadata { get; }

    public Channel<ExportBatch> Work { get; } = Channel.CreateBounded<ExportBatch>(
        new BoundedChannelOptions(BatchesWaiting) { SingleWriter = true });

    public ExportResult Result
    {
        get
        {
            lock (_issuesGate)
                return new ExportResult(_issues.Count > 0, [.. _issues]);
        }
    }

    /// <summary>The group of what is made in a directory: the directory's where it has setgid (mkdir(2)), else the process's.</summary>
    public uint GroupOfNew(FileDescriptor directory)
    {
        var status = PosixFile.Fstat(directory);
        return (status.Mode & ModeBits.S_ISGID) != 0 ? status.Gid : Metadata.Group;
    }

    /// <summary>Notes something that was not brought back as it was.</summary>
    /// <exception cref="UserErrorException">No room is left, so that going on has no use.</exception>
    public void Report(ExportIssueKind kind, ExportDirectory directory, ReadOnlySpan<byte> name, Exception cause)
    {
        var error = cause is PosixException fault ? fault.Error : Errno.OK;
        if (error is Errno.ENOSPC or Errno.EDQUOT)
        {
            var path = PathText.Of(directory.PathOf(name));
            throw new UserErrorException($"no room is left where {path} is to go ({cause.Message}); free some and export again", cause);
        }

        Counters.CountIssue();
        lock (_issuesGate)
        {
            var isGeneral = kind is (ExportIssueKind.OwnerLost or ExportIssueKind.AttributesLost) && error is (Errno.EPERM or Errno.EOPNOTSUPP);
            if (isGeneral && !_reported.Add((kind, error)))
                return;
            var issue = new ExportIssue(kind, directory.PathOf(name), cause);
            if (_issues.Count < ExportResult.MostIssues)
                _issues.Add(issue);
            Options.OnIssue?.Invoke(issue);
        }
    }
}
