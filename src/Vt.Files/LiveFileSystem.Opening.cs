using Vt.Blocks.Contracts;
using Vt.Files.BackedFiles;
using Vt.Files.Checkpoints;
using Vt.Files.Flat;
using Vt.Files.Inodes;
using Vt.Files.Journal;
using Vt.Files.Reading;
using Vt.Files.Virtual;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files;

/// <content>Opening, with the replay of what a crash has left in the log.</content>
public sealed partial class LiveFileSystem
{
    const uint RootMode = 0x1ed;

    /// <summary>Opens a tree for writing, over what its log has on top of it.</summary>
    /// <param name="store">Where blocks are and go; not disposed.</param>
    /// <param name="root">The root that the log begins with; null for an empty tree.</param>
    /// <param name="folder">Where the log lies.</param>
    /// <param name="firstEpoch">The first epoch whose changes the root does not have.</param>
    /// <param name="keeper">Keeps what checkpoints make; not disposed.</param>
    /// <param name="refusal">Why the log must not have any records; null where it may.</param>
    /// <param name="local">What the state says of local names, and where they are listed.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FormatInvalidException">The log is damaged, or does not belong to the tree.</exception>
    /// <exception cref="UserErrorException">The log has records that it must not have; they stay.</exception>
    internal static async ValueTask<LiveFileSystem> OpenAsync(
        IBlockStore store, Dirent? root, string folder, uint firstEpoch, ICheckpointKeeper keeper, string? refusal, (LocalState State, ILocalLists Lists) local,
        LiveFileSystemOptions options, CancellationToken cancellationToken = default)
    {
        var end = long.MaxValue;
        while (true)
        {
            try
            {
                return await OpenOnceAsync(store, root, folder, firstEpoch, keeper, refusal, local, options, cancellationToken);
            }
            catch (LogCutException cut) when (cut.End < end)
            {
                end = cut.End;
            }
        }
    }

    static async ValueTask<LiveFileSystem> OpenOnceAsync(
        IBlockStore store, Dirent? root, string folder, uint firstEpoch, ICheckpointKeeper keeper, string? refusal,
        (LocalState State, ILocalLists Lists) local, LiveFileSystemOptions options, CancellationToken cancellationToken)
    {
        var listed = new LocalReplay(store, local.State.Rules, local.State.List is { } list ? local.Lists.Read(list) : []);
        var replay = new TreeReplay(store, listed);
        var log = LiveLog.OpenToReplay(folder, firstEpoch, new LiveLogOptions { Boundary = options.Boundary }, replay.Take);
        var isOpen = false;
        FlatFiles? flat = null;
        ContentSources? sources = null;
        try
        {
            listed.Take(log);
            if (refusal is not null && replay.HasChanges)
                throw new UserErrorException(refusal);
            var nodes = new DirectoryNodeCache(options.DirectoryCacheBytes);
            var directories = new DirectoryReader(store, nodes);
            var readAhead = new ReadAheadBudget(options.ReadAheadBytes);
            flat = FlatFiles.Open(Path.Combine(folder, FlatFolderName), options.FlatBytes);
            var answering = new AnsweringStore(store);
            sources = new ContentSources(answering, log, readAhead, flat);
            var contents = sources;
            var tree = new LiveTree(directories, root, EmptyRoot(options), (content, holes) => new BackedFile(contents, content, holes)) { Epoch = log.Epoch };
            try
            {
                await replay.RunAsync(tree, log, cancellationToken);
            }
            catch (FormatInvalidException fault) when (refusal is not null)
            {
                throw new UserErrorException($"{refusal} ({fault.Message})", fault);
            }

            log.EndReplay();
            tree.CountAdopted();
            var gate = new ChangeGate();
            var storer = new ContentStorer(sources);
            var quota = options.MostContent is { } most ? new Quota(most, () => tree.StoredBytes) : null;
            var checkpointer = new Checkpointer(
                answering,
                log,
                tree,
                gate,
                new TreeStorer(answering, directories, storer, new OwnerNames()),
                new LocalKeeper(log, tree, local.Lists, local.State.List, listed.Segments),
                keeper,
                new CheckpointOptions(options.CheckpointInterval, options.CheckpointBytes, options.Clock, quota, new MemoryTrimmer(tree).Tick, options.Log)
                {
                    IsTemporary = options.IsTemporary,
                    EndPatience = options.EndPatience,
                });
            if (quota is not null && root is not null)
                tree.StoredBytes += await TreeUsage.CountAsync(directories, root, cancellationToken);
            var files = new LiveFileSystem(store, log, tree, directories, checkpointer, new ContentStorer(sources), gate, options)
            {
                Replayed = replay.Count,
                _owned = (storer, sources),
                _flat = flat,
                _readAhead = readAhead,
                _virtual = new VirtualFiles(options.Formats, directories, readAhead),
                _space = new FreeSpace(store as IStoreCapacity, folder, () => StorableBytes(log, tree), quota, flat.TryGiveBack),
                _caches = [() => nodes.Figures, () => readAhead.Figures],
            };
            if (options.Rules is { } rules && !rules.Equals(tree.Rules))
                await files.ChangeRulesAsync(rules, cancellationToken);
            checkpointer.Start();
            isOpen = true;
            return files;
        }
        finally
        {
            if (!isOpen)
            {
                sources?.Dispose();
                flat?.Dispose();
                await log.DisposeAsync();
            }
        }
    }

    // Said in the log as well: what is replayed before goes by the rules of then.
    async ValueTask ChangeRulesAsync(LocalRules rules, CancellationToken cancellationToken)
    {
        lock (_tree.Gate)
        {
            _record.Begin(Now());
            _record.Rules(rules);
            Append();
            _tree.SetRules(rules);
        }

        await _log.CommitAsync(_log.LastSequence, cancellationToken);
    }

    static InodeStatus EmptyRoot(LiveFileSystemOptions options)
    {
        var now = Timestamp.From(options.Clock.GetUtcNow());
        return new InodeStatus
        {
            Mode = RootMode,
            Uid = options.Owner.Uid,
            Gid = options.Owner.Gid,
            Modified = now,
            Changed = now,
            Born = now,
            Xattrs = XattrSet.Empty,
        };
    }
}
