using Vt.Posix;

namespace Vt.Trees.Watch;

/// <summary>
/// The watches of a folder and of all folders in it. Used by one thread at a time. Memory: about 200 bytes and the path for each folder.
/// </summary>
/// <remarks>
/// A watch is added before the folder's names are read: what comes after is told by the watch, what was there before is found by reading. So a folder that is made and
/// filled at once is never half known.
/// </remarks>
sealed class WatchedFolders
{
    const OpenFlags FolderFlags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;

    const InotifyEvents Wanted = InotifyEvents.IN_MODIFY | InotifyEvents.IN_ATTRIB | InotifyEvents.IN_CLOSE_WRITE | InotifyEvents.IN_MOVED_FROM | InotifyEvents.IN_MOVED_TO
        | InotifyEvents.IN_CREATE | InotifyEvents.IN_DELETE | InotifyEvents.IN_DELETE_SELF | InotifyEvents.IN_MOVE_SELF | InotifyEvents.IN_ONLYDIR | InotifyEvents.IN_EXCL_UNLINK;

    readonly Inotify _inotify;
    readonly byte[] _root;
    readonly FolderMonitorOptions _options;
    readonly HashSet<(ulong Device, ulong Inode)> _skipped = [];

    // A folder has several paths where links to it are followed.
    readonly Dictionary<int, List<byte[]>> _paths = [];
    readonly Dictionary<byte[], int> _watches = new(PathBytes.Instance);
    int _unwatched;

    public WatchedFolders(Inotify inotify, byte[] root, FolderMonitorOptions options)
    {
        _inotify = inotify;
        _root = root;
        _options = options;
        foreach (var path in options.SkippedDirectories)
        {
            if (PosixFile.TryStat(path, out var status) == Errno.OK)
                _skipped.Add((status.Device, status.Inode));
        }
    }

    /// <summary>How many folders are watched.</summary>
    public int Count => _paths.Count;

    /// <summary>How many folders can't be watched.</summary>
    public int Unwatched => _unwatched;

    /// <summary>The paths of a watched folder; none where it isn't known any more.</summary>
    public IReadOnlyList<byte[]> PathsOf(int watch) => _paths.TryGetValue(watch, out var paths) ? paths : [];

    /// <summary>Watches everything anew.</summary>
    /// <returns>Whether the folder is there.</returns>
    public bool Reset()
    {
        var before = _paths.Keys.ToHashSet();
        _paths.Clear();
        _watches.Clear();
        _unwatched = 0;
        var isThere = PosixFile.TryOpen(_root, FolderFlags, 0, out var root) == Errno.OK;
        using (root)
        {
            if (isThere)
                Add(root, [], [], null);
        }

        foreach (var watch in before)
        {
            if (!_paths.ContainsKey(watch))
                _inotify.Remove(watch);
        }

        return isThere;
    }

    /// <summary>Watches a folder that has come, and what is in it.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="found">Receives it and every folder in it.</param>
    public void Add(byte[] path, ICollection<byte[]> found)
    {
        var error = PosixFile.TryOpen(_root, FolderFlags, 0, out var root);
        using (root)
        {
            if (error != Errno.OK)
            {
                NoteUnwatched(error);
                return;
            }

            error = PosixFile.TryOpenAt(root, path, _options.FollowSymlinks ? FolderFlags : FolderFlags | OpenFlags.O_NOFOLLOW, 0, out var folder);
            using (folder)
            {
                if (error == Errno.OK)
                    Add(folder, path, [], found);
                else
                    NoteUnwatched(error);
            }
        }
    }

    /// <summary>Watches what a link that has come leads to, where links are followed.</summary>
    public void AddLinked(byte[] path, ICollection<byte[]> found)
    {
        if (_options.FollowSymlinks)
            Add(path, found);
    }

    /// <summary>Forgets a folder that has gone, and what was in it.</summary>
    public void Remove(byte[] path)
    {
        foreach (var (known, watch) in _watches.Where(one => IsIn(one.Key, path)).ToArray())
        {
            _watches.Remove(known);
            if (!_paths.TryGetValue(watch, out var paths))
                continue;
            paths.RemoveAll(one => PathBytes.Instance.Equals(one, known));
            if (paths.Count == 0)
            {
                _paths.Remove(watch);
                _inotify.Remove(watch);
            }
        }
    }

    /// <summary>Forgets a watch that has ended.</summary>
    public void Forget(int watch)
    {
        if (_paths.Remove(watch, out var paths))
            paths.ForEach(path => _watches.Remove(path));
    }

    static bool IsIn(byte[] path, byte[] folder) =>
        path.AsSpan().StartsWith(folder) && (path.Length == folder.Length || path[folder.Length] == (byte)'/');

    void Add(FileDescriptor folder, byte[] path, List<(ulong Device, ulong Inode)> above, ICollection<byte[]>? found)
    {
        if (PosixFile.TryFstat(folder, out var status) != Errno.OK || _skipped.Contains((status.Device, status.Inode)) || above.Contains((status.Device, status.Inode)))
            return;
        found?.Add(path);
        Watch(folder, path);
        above.Add((status.Device, status.Inode));
        foreach (var name in FoldersIn(folder))
        {
            var flags = _options.FollowSymlinks ? FolderFlags : FolderFlags | OpenFlags.O_NOFOLLOW;
            var error = PosixFile.TryOpenAt(folder, name, flags, 0, out var inner);
            using (inner)
            {
                if (error == Errno.OK)
                    Add(inner, PathBytes.Join(path, name), above, found);
                else
                    NoteUnwatched(error);
            }
        }

        above.RemoveAt(above.Count - 1);
    }

    void Watch(FileDescriptor folder, byte[] path)
    {
        if (_paths.Count >= _options.MostWatches || _inotify.TryAdd(folder, Wanted, out var watch) != Errno.OK)
        {
            _unwatched++;
            return;
        }

        _watches[path] = watch;
        if (!_paths.TryGetValue(watch, out var paths))
            _paths.Add(watch, paths = []);
        if (!paths.Exists(known => PathBytes.Instance.Equals(known, path)))
        {
            // Without links a folder has one path: the one that it had is one that it was moved from.
            if (!_options.FollowSymlinks)
                paths.Clear();
            paths.Add(path);
        }
    }

    // What is gone, or no folder any more, is told by the watch above it.
    void NoteUnwatched(Errno error)
    {
        if (error is not (Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP))
            _unwatched++;
    }

    List<byte[]> FoldersIn(FileDescriptor folder)
    {
        var names = new List<byte[]>();
        try
        {
            foreach (var entry in Posix.Directories.Read(folder))
            {
                if (entry.Type is DirectoryEntryType.DT_DIR or DirectoryEntryType.DT_UNKNOWN || (_options.FollowSymlinks && entry.Type == DirectoryEntryType.DT_LNK))
                    names.Add(entry.Name.ToArray());
            }
        }
        catch (PosixException failed)
        {
            NoteUnwatched(failed.Error);
        }

        return names;
    }
}
