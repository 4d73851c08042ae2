using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Posix.Mounts;

namespace Vt.Mounts;

/// <summary>The further places at which a mount shows folders of its own: bind mounts, which one file system and one cache serve. They go with this.</summary>
sealed class FurtherPlaces : IDisposable
{
    readonly List<(string Path, int Id)> _bound = [];

    FurtherPlaces()
    {
    }

    /// <summary>Binds.</summary>
    /// <param name="mountPoint">The mount, which answers already.</param>
    /// <param name="places">For each the path below the mount, a <c>=</c>, and an absolute path of a folder.</param>
    /// <exception cref="UserErrorException">A place can't be bound; none is then.</exception>
    public static FurtherPlaces Bind(string mountPoint, IEnumerable<(string Path, string Place)> places)
    {
        var further = new FurtherPlaces();
        var isDone = false;
        try
        {
            foreach (var (path, place) in places)
                further.Add(mountPoint, path, place);
            isDone = true;
            return further;
        }
        finally
        {
            if (!isDone)
                further.Dispose();
        }
    }

    /// <summary>Reads <c>PATH=MNT</c>.</summary>
    /// <exception cref="UserErrorException">It is something else.</exception>
    public static (string Path, string Place) Parse(string text)
    {
        var split = text.LastIndexOf('=');
        return split >= 0 && split < text.Length - 1
            ? (text[..split].Trim('/'), text[(split + 1)..])
            : throw new UserErrorException($"--at {text}: it takes PATH=MNT, a path in the mount and a folder to show it at");
    }

    /// <summary>Takes them out of the tree of mounts, those that somebody has not unmounted.</summary>
    public void Dispose()
    {
        foreach (var (path, id) in Enumerable.Reverse(_bound))
        {
            if (MountTable.FindTop(path)?.Id == id)
                MountCalls.TryUnmount(path, UnmountFlags.MNT_DETACH);
        }

        _bound.Clear();
    }

    void Add(string mountPoint, string path, string place)
    {
        var source = path.Length == 0 ? mountPoint : Path.Combine(mountPoint, path);
        var error = MountCalls.TryMount(source, place, "none", MountFlags.MS_BIND, "");
        if (error != Errno.OK)
        {
            throw new UserErrorException(error switch
            {
                Errno.EPERM or Errno.EACCES => "--at: only root can show one mount in several places",
                Errno.ENOENT => $"--at {path}={place}: there is no folder {(Directory.Exists(place) ? $"{path} in the mount" : place)}",
                Errno.ENOTDIR => $"--at {path}={place}: a folder is shown at a folder, a file at a file",
                _ => $"--at {path}={place}: {new PosixException(error, "mount", place).Message}",
            });
        }

        var resolved = MountCalls.Resolve(place);
        if (MountTable.FindTop(resolved) is { } entry)
            _bound.Add((resolved, entry.Id));
    }
}
