using Vt.Blocks.Contracts;

namespace Vt.Stores.DataDir.Index;

/// <summary>Merging runs, in the background or on demand, and rebuilding the folder.</summary>
sealed partial class BlockIndex
{
    // Guards the two fields below.
    readonly Lock _mergingGate = new();
    Task _merging = Task.CompletedTask;
    IOException? _mergeFailure;

    /// <summary>Whether enough runs are there for a merge to pay.</summary>
    public bool IsMergeDue
    {
        get
        {
            var set = _set;
            return _writable && MergePolicy.Choose(set.Runs, set.Packs).Count > 0;
        }
    }

    /// <summary>Why merging stopped, or null. It costs speed only; the next opening tries again.</summary>
    public IOException? MergeFailure
    {
        get
        {
            lock (_mergingGate)
                return _mergeFailure;
        }
    }

    /// <summary>Starts merging in the background if it is due and not under way. <see cref="Dispose"/> stops it.</summary>
    public void StartMerging()
    {
        lock (_mergingGate)
        {
            if (_merging.IsCompleted && _mergeFailure is null && !_closing.IsCancellationRequested && IsMergeDue)
                _merging = Task.Run(MergeInBackground);
        }
    }

    /// <summary>Waits until what <see cref="StartMerging"/> began has ended.</summary>
    public Task WhenMergedAsync(CancellationToken cancellationToken = default)
    {
        lock (_mergingGate)
            return _merging.WaitAsync(cancellationToken);
    }

    /// <summary>Merges until nothing is due.</summary>
    /// <returns>False when another process is merging, or nothing may be written.</returns>
    /// <exception cref="IOException">Writing failed; the index serves as before.</exception>
    public bool Merge(CancellationToken cancellationToken = default)
    {
        if (!_writable)
            return false;
        _folder.TryLock(wait: false, out var held);
        if (held is null)
            return false;
        using (held)
        {
            _folder.RemoveTemporaries();
            Load(cancellationToken);
            RemoveUnused();
            while (MergeOnce(set => MergePolicy.Choose(set.Runs, set.Packs), cancellationToken))
            {
            }
        }

        return true;
    }

    /// <summary>
    /// Makes the folder anew from the packs' tables of contents alone (from scans where those are damaged): one run, or one for each
    /// billion blocks, whatever lay in the folder before.
    /// </summary>
    /// <exception cref="UserErrorException">Nothing may be written.</exception>
    /// <exception cref="IOException">Reading or writing failed; what lay in the folder is gone, and later merges make it again.</exception>
    public Task RebuildAsync(CancellationToken cancellationToken = default) =>
        Task.Run(() => Rebuild(cancellationToken), cancellationToken);

    /// <summary>Reads every run in use from end to end.</summary>
    /// <returns>What is damaged; each is out of use already.</returns>
    public IReadOnlyList<IndexDamage> Verify(CancellationToken cancellationToken = default)
    {
        var verified = new HashSet<Run>();
        while (true)
        {
            var set = Hold();
            var run = 0;
            try
            {
                for (; run < set.Runs.Length; run++)
                {
                    if (verified.Contains(set.Runs[run]))
                        continue;
                    set.Runs[run].Verify(cancellationToken);
                    verified.Add(set.Runs[run]);
                }

                return Damages;
            }
            catch (FormatInvalidException fault)
            {
                Condemn(set.Runs[run], fault);
            }
            finally
            {
                set.Release();
            }
        }
    }

    void Rebuild(CancellationToken cancellationToken)
    {
        if (!_writable)
            throw new UserErrorException($"{_folder.Path}: the index can't be rebuilt, since nothing may be written there");
        _folder.TryLock(wait: true, out var held);
        if (held is null)
            throw new UserErrorException($"{_folder.Path}: the index can't be locked");
        using (held)
        {
            _folder.RemoveTemporaries();
            foreach (var file in _folder.Runs())
                _folder.Remove(file);
            Load(cancellationToken);
            while (MergeOnce(PackRunsOf, cancellationToken))
            {
            }
        }
    }

    /// <summary>What a rebuild merges: tables of contents, as many as make one run.</summary>
    static List<Run> PackRunsOf(RunSet set)
    {
        var chosen = new List<Run>();
        var count = 0L;
        foreach (var run in set.Runs)
        {
            if (!run.IsPackRun || chosen.Count >= MergePolicy.LargestFan || count + run.Count > MergePolicy.LargestRun)
                continue;
            chosen.Add(run);
            count += run.Count;
        }

        return chosen;
    }

    void MergeInBackground()
    {
        try
        {
            Merge(_closing.Token);
        }
        catch (OperationCanceledException)
        {
            // Closing; the inputs are all still there.
        }
        catch (IOException failure)
        {
            lock (_mergingGate)
                _mergeFailure = failure;
        }
        catch (UnauthorizedAccessException refused)
        {
            lock (_mergingGate)
                _mergeFailure = new IOException(refused.Message, refused);
        }
        catch (FormatInvalidException)
        {
            // A pack's scan contradicts itself; lookups report it.
        }
    }

    /// <summary>Makes one run of several and puts it in their stead. The caller holds the folder's lock.</summary>
    /// <returns>False when there was nothing to merge.</returns>
    bool MergeOnce(Func<RunSet, List<Run>> choose, CancellationToken cancellationToken)
    {
        var set = Hold();
        try
        {
            var inputs = choose(set);
            if (inputs.Count == 0)
                return false;
            var merge = new RunMerge([.. inputs]);
            try
            {
                var level = MergePolicy.LevelOf(inputs.Sum(run => run.Count));
                _folder.Create(level, output => RunCombiner.Write(inputs, merge, set.Packs, output, _algorithm, cancellationToken));
            }
            catch (FormatInvalidException fault)
            {
                Condemn(inputs[merge.Reading], fault);
                return true;
            }

            Load(cancellationToken);
            RemoveUnused();
            return true;
        }
        finally
        {
            set.Release();
        }
    }

    /// <summary>Deletes merged runs that others have made superfluous. Processes that have them mapped keep them.</summary>
    void RemoveUnused()
    {
        var set = Hold();
        try
        {
            var used = new HashSet<string>(StringComparer.Ordinal);
            foreach (var run in set.Runs)
                used.Add(run.Name);
            foreach (var file in _folder.Runs())
            {
                if (!used.Contains(file))
                    _folder.Remove(file);
            }

            Volatile.Write(ref _folderSeen, _folder.Changed());
        }
        finally
        {
            set.Release();
        }
    }
}
