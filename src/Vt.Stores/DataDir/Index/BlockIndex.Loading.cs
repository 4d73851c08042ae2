using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Stores.DataDir.Index;

/// <summary>Which runs to use: at opening, when the packs or the folder changed, and after damage.</summary>
sealed partial class BlockIndex
{
    /// <summary>How often a merged run may vanish between listing and opening before that is an error: another process merges.</summary>
    const int LargestRetry = 16;

    /// <summary>What was found damaged since opening, in order; at most one a run.</summary>
    public IReadOnlyList<IndexDamage> Damages
    {
        get
        {
            lock (_damages)
                return [.. _damages];
        }
    }

    /// <summary>Takes in a pack that this process just closed: its table of contents is durable.</summary>
    /// <param name="pack">The pack; <see cref="IPackCatalog.Locate"/> finds its table of contents.</param>
    /// <exception cref="FormatInvalidException">The table of contents is not a run of this store's.</exception>
    public void AddPackRun(PackId pack)
    {
        var place = _catalog.Locate(pack) ?? throw new FormatInvalidException($"pack {pack} has no table of contents");
        var run = Run.Open(place, _algorithm, isPackRun: true);
        _changing.Wait();
        try
        {
            var set = _set;
            if (set.Packs.Contains(pack))
                return;
            Replace(new RunSet([.. set.Runs, run], new HashSet<PackId>(set.Packs) { pack }, _slots));
        }
        finally
        {
            run.Release();
            _changing.Release();
        }
    }

    /// <summary>Takes in what other processes did: packs closed or removed, runs merged. Cheap when there is nothing.</summary>
    /// <param name="cancellationToken">Stops scanning of packs that have no usable table of contents.</param>
    /// <returns>Whether anything had changed.</returns>
    /// <exception cref="IOException">The folder or the list of packs can't be read.</exception>
    public bool Refresh(CancellationToken cancellationToken = default)
    {
        if (_folder.Changed() == Volatile.Read(ref _folderSeen) && _set.Packs.SetEquals(_catalog.List()))
            return false;
        Load(cancellationToken);
        return true;
    }

    void Load(CancellationToken cancellationToken)
    {
        _changing.Wait(cancellationToken);
        try
        {
            LoadHeld(cancellationToken);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Makes the set anew; runs that still serve are kept mapped. The caller holds <see cref="_changing"/>.</summary>
    void LoadHeld(CancellationToken cancellationToken)
    {
        var opened = new List<Run>();
        try
        {
            // Looked at before listing: what changes in between is then seen as a change by the next refresh.
            Volatile.Write(ref _folderSeen, _folder.Changed());
            var packs = new HashSet<PackId>(_catalog.List());
            var chosen = RunCover.Choose(MergedRuns(opened), packs, out var uncovered);
            foreach (var pack in uncovered)
                chosen.Add(PackRun(pack, opened, cancellationToken));
            Replace(new RunSet(chosen, packs, _slots));
        }
        finally
        {
            foreach (var run in opened)
                run.Release();
        }
    }

    /// <summary>All sound runs of the folder; those not mapped yet are opened and added to <paramref name="opened"/>.</summary>
    List<Run> MergedRuns(List<Run> opened)
    {
        for (var attempt = 1; ; attempt++)
        {
            var known = new Dictionary<string, Run>(StringComparer.Ordinal);
            foreach (var run in (ReadOnlySpan<Run>)[.. _set.Runs, .. opened])
            {
                if (!run.IsPackRun)
                    known[run.Name] = run;
            }

            var runs = new List<Run>();
            try
            {
                foreach (var path in _folder.Runs())
                {
                    if (IsCondemned(path))
                        continue;
                    if (known.TryGetValue(path, out var run) || (run = OpenMerged(path, opened)) is not null)
                        runs.Add(run);
                }

                return runs;
            }
            catch (PosixException vanished) when (vanished.Error == Errno.ENOENT && attempt < LargestRetry)
            {
                // Merged away by another process: list again.
            }
        }
    }

    Run? OpenMerged(string path, List<Run> opened)
    {
        try
        {
            var run = Run.Open(new RunPlace(path, 0, PosixFile.Stat(path).Size), _algorithm, isPackRun: false);
            opened.Add(run);
            return run;
        }
        catch (FormatInvalidException fault)
        {
            Report(null, path, fault);
            return null;
        }
        catch (PosixException fault) when (fault.Error is Errno.EACCES or Errno.EPERM or Errno.EIO)
        {
            Report(null, path, new FormatInvalidException("a merged run can't be read", 0, fault).In(path));
            return null;
        }
    }

    /// <summary>A pack's table of contents, or a scan's result in its stead.</summary>
    Run PackRun(PackId pack, List<Run> opened, CancellationToken cancellationToken)
    {
        foreach (var run in _set.Runs)
        {
            if (run.IsPackRun && run.Packs[0].Id == pack && (run.IsScan || !IsCondemned(pack)))
                return run;
        }

        var made = OpenPackRun(pack) ?? Scan(pack, cancellationToken);
        opened.Add(made);
        return made;
    }

    Run? OpenPackRun(PackId pack)
    {
        if (IsCondemned(pack))
            return null;
        try
        {
            if (_catalog.Locate(pack) is not { } place)
                return null;
            var run = Run.Open(place, _algorithm, isPackRun: true);
            if (run.Packs.Length == 1 && run.Packs[0].Id == pack)
                return run;
            run.Release();
            throw new FormatInvalidException($"the table of contents is not of pack {pack}", place.Offset).In(place.Path);
        }
        catch (FormatInvalidException fault)
        {
            Report(pack, null, fault);
            return null;
        }
        catch (PosixException fault)
        {
            // A pack that another process removed since the listing is no damage; its scan finds nothing.
            if (fault.Error != Errno.ENOENT)
                Report(pack, null, new FormatInvalidException($"the table of contents of pack {pack} can't be read", 0, fault));
            return null;
        }
    }

    /// <summary>Reads a pack's frames. The next merge puts what it gives into the folder, so that it is done once.</summary>
    Run Scan(PackId pack, CancellationToken cancellationToken)
    {
        using var builder = new RunBuilder(_algorithm, pack, 0);
        _catalog.Scan(pack, builder, cancellationToken);
        return Run.Open(builder.ToArray(), _algorithm, $"scan of pack {pack}");
    }

    bool IsCondemned(PackId pack)
    {
        lock (_damages)
            return _condemnedPacks.Contains(pack);
    }

    bool IsCondemned(string file)
    {
        lock (_damages)
            return _condemnedFiles.Contains(file);
    }

    /// <summary>Takes a run out of use that proved damaged, and puts others in its stead.</summary>
    void Condemn(Run run, FormatInvalidException fault)
    {
        if (run.IsScan)
            throw fault;
        _changing.Wait();
        try
        {
            // Another thread may have met the same damage first.
            if (!_set.Runs.Contains(run))
                return;
            Report(run.IsPackRun ? run.Packs[0].Id : null, run.IsPackRun ? null : run.Name, fault);
            LoadHeld(_closing.Token);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Remembers damage. A merged run's file is deleted: the packs' tables of contents have all that was in it.</summary>
    void Report(PackId? pack, string? file, FormatInvalidException fault)
    {
        lock (_damages)
        {
            if (pack is { } id ? !_condemnedPacks.Add(id) : !_condemnedFiles.Add(file!))
                return;
            _damages.Add(new IndexDamage(pack, fault));
        }

        if (file is not null)
            _folder.Remove(file);
    }

    /// <summary>Puts a set in place of the present one, which its readers keep until they are done.</summary>
    void Replace(RunSet set)
    {
        var before = _set;
        _set = set;
        before.Release();
    }
}
