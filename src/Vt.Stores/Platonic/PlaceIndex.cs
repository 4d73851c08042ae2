using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.Platonic;

/// <summary>
/// Where the blocks of files lie: immutable index files in a folder, and a list of those that count. Any number of processes read; one at a time writes,
/// under a lock that is the caller's. All of it can be made again from the newest tree.
/// </summary>
/// <remarks>
/// 1. An index file is durable before the list names it. 2. The list is replaced by rename: whoever reads sees the set before or after a change, never between.
/// 3. A file that the list names and that is missing or damaged is a fault of the set, never a shorter set.
/// </remarks>
sealed class PlaceIndex
{
    const string Suffix = ".places";
    const string TemporarySuffix = ".tmp";
    const uint FileMode = 0x1a4;
    const int MostAttempts = 16;

    readonly PlatonicLayout _layout;
    readonly HashAlgorithmId _algorithm;
    readonly WriteBoundary _boundary;

    // Guards the two below.
    readonly Lock _loading = new();
    PlaceSet _set = new([], null, null);
    (ulong Inode, long Changed) _seen;

    /// <summary>Opens the index; it need not be there.</summary>
    public PlaceIndex(PlatonicLayout layout, HashAlgorithmId algorithm, WriteBoundary boundary)
    {
        _layout = layout;
        _algorithm = algorithm;
        _boundary = boundary;
        Refresh();
    }

    /// <summary>The index files now, as far as this process has seen.</summary>
    public PlaceSet Set => Volatile.Read(ref _set);

    /// <summary>Looks whether another process has changed the list.</summary>
    /// <returns>Whether it has.</returns>
    /// <exception cref="IOException">It can't be read.</exception>
    public bool Refresh()
    {
        lock (_loading)
        {
            var seen = Look();
            if (seen == _seen)
                return false;
            for (var attempt = 1; ; attempt++)
            {
                Volatile.Write(ref _set, Load());
                var now = Look();

                // A merge may have removed what the list that was just read named.
                if (now == seen || attempt == MostAttempts)
                    break;
                seen = now;
            }

            _seen = seen;
            return true;
        }
    }

    /// <summary>Adds an index file.</summary>
    /// <param name="builder">What is in it.</param>
    /// <param name="tree">What the tree is called whose files the index has all then; null for none.</param>
    public void Add(PlaceBuilder builder, string? tree)
    {
        var names = NamesOf(Set);
        if (!builder.IsEmpty)
            names.Add(Create(builder.Write));
        Publish(new PlaceManifest(tree, names));
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => Publish(PlaceManifest.None);

    /// <summary>Merges the newest index files as long as they are not much smaller than the next older one, so that there are few, and each file is written again a few times only.</summary>
    /// <param name="isGone">Whether a file is no more as it was indexed.</param>
    /// <exception cref="FormatInvalidException">An index file is damaged.</exception>
    public void Merge(Func<byte[], FileFacts, bool> isGone)
    {
        var files = Set.Files;
        var from = files.Count - 1;
        var length = from >= 0 ? files[from].Length : 0;
        while (from > 0 && files[from - 1].Length < 2 * length)
            length += files[--from].Length;
        if (from >= files.Count - 1)
            return;
        var names = NamesOf(Set);
        var merged = Create(output => new PlaceMerge([.. files.Skip(from)], isGone).Write(_algorithm, output));
        Publish(new PlaceManifest(Set.Tree, [.. names.Take(from), merged]));
    }

    /// <summary>Takes a damaged index file out of use: whoever scans next makes the index anew.</summary>
    public static void Condemn(FormatInvalidException fault)
    {
        if (fault.File is { } file && file.EndsWith(Suffix, StringComparison.Ordinal))
            PosixFile.TryUnlink(file);
    }

    static List<string> NamesOf(PlaceSet set) => [.. set.Files.Select(static file => Path.GetFileName(file.Path))];

    (ulong Inode, long Changed) Look() => PosixFile.TryStat(_layout.Current, out var status) == Errno.OK
        ? (status.Inode, status.ChangeTime.TotalNanoseconds)
        : default;

    PlaceSet Load()
    {
        var known = Set.Files.ToDictionary(static file => Path.GetFileName(file.Path), StringComparer.Ordinal);
        PlaceManifest manifest;
        try
        {
            manifest = PlaceManifest.Read(_layout.Current);
        }
        catch (FormatInvalidException fault)
        {
            return new PlaceSet([], null, fault);
        }

        var files = new List<PlaceFile>();
        FormatInvalidException? wrong = null;
        foreach (var name in manifest.Names)
        {
            try
            {
                files.Add(known.TryGetValue(name, out var file) ? file : PlaceFile.Open(Path.Combine(_layout.Index, name), _algorithm));
            }
            catch (FormatInvalidException fault)
            {
                wrong = fault;
            }
            catch (PosixException fault) when (fault.Error == Errno.ENOENT)
            {
                wrong = new FormatInvalidException("an index file is missing", 0, fault).In(Path.Combine(_layout.Index, name));
            }
        }

        return new PlaceSet([.. files], manifest.Tree, wrong);
    }

    string Create(Action<FileDescriptor> write)
    {
        PosixFile.TryMkdir(_layout.Index);
        var name = $"{PackId.Create()}{Suffix}";
        var final = Path.Combine(_layout.Index, name);
        var temporary = final + TemporarySuffix;
        _boundary.Cross(WriteStep.Create, temporary, isDone: false);
        using (var file = PosixFile.Open(temporary, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, FileMode))
        {
            write(file);
            _boundary.Cross(WriteStep.SyncFile, temporary, isDone: false);
            PosixFile.Fsync(file);
        }

        // Its name becomes durable with the list's.
        _boundary.Cross(WriteStep.Rename, temporary, isDone: false);
        PosixFile.Rename(temporary, final);
        return name;
    }

    void Publish(PlaceManifest manifest)
    {
        PosixFile.TryMkdir(_layout.Index);
        manifest.Write(_layout.Current, _boundary);
        Refresh();
        var used = manifest.Names.ToHashSet(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(_layout.Index))
        {
            var name = Path.GetFileName(file);
            if (name.EndsWith(TemporarySuffix, StringComparison.Ordinal) || (name.EndsWith(Suffix, StringComparison.Ordinal) && !used.Contains(name)))
            {
                _boundary.Cross(WriteStep.Unlink, file, isDone: false);
                PosixFile.TryUnlink(file);
            }
        }
    }
}
