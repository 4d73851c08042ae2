using Vt.Posix;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.DataDir.Packs;

/// <summary>Packs opened for reading, at most <see cref="MostOpen"/> at a time but for those in use. Thread-safe.</summary>
/// <param name="layout">Where packs lie.</param>
sealed class PackFiles(DataDirLayout layout) : IDisposable
{
    /// <summary>How many descriptors are kept.</summary>
    public const int MostOpen = 128;

    // Guards the dictionary, the count of uses and the handles' last uses.
    readonly Lock _handlesGate = new();
    readonly Dictionary<PackId, PackHandle> _handles = [];
    long _uses;

    /// <summary>Opens a pack, whether it is closed or being written.</summary>
    /// <returns>A handle that the caller disposes; null where there is no such pack.</returns>
    /// <exception cref="PosixException">It is there and can't be opened.</exception>
    public PackHandle? TryOpen(PackId pack)
    {
        lock (_handlesGate)
        {
            if (_handles.TryGetValue(pack, out var known))
            {
                known.LastUse = ++_uses;
                known.Acquire();
                return known;
            }
        }

        // A pack that is closed meanwhile changes its name from the second to the first.
        var opened = TryOpen(pack, layout.ClosedPack(pack)) ?? TryOpen(pack, layout.OpenPack(pack)) ?? TryOpen(pack, layout.ClosedPack(pack));
        return opened is null ? null : Keep(opened);
    }

    /// <summary>Forgets a pack, so that the next use opens it by name.</summary>
    public void Forget(PackId pack)
    {
        PackHandle? handle;
        lock (_handlesGate)
            _handles.Remove(pack, out handle);
        handle?.Dispose();
    }

    /// <summary>Forgets packs, so that files that were deleted give their room back.</summary>
    /// <param name="isGone">Which.</param>
    public void ForgetAll(Predicate<PackId> isGone)
    {
        PackId[] open;
        lock (_handlesGate)
            open = [.. _handles.Keys];
        foreach (var pack in open)
        {
            if (isGone(pack))
                Forget(pack);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_handlesGate)
        {
            foreach (var handle in _handles.Values)
                handle.Dispose();
            _handles.Clear();
        }
    }

    static PackHandle? TryOpen(PackId pack, string path)
    {
        var error = PosixFile.TryOpen(path, OpenFlags.O_RDONLY, 0, out var file);
        if (error == 0)
            return new PackHandle(pack, path, file);
        return error == Errno.ENOENT ? null : throw new PosixException(error, "open", path);
    }

    PackHandle Keep(PackHandle opened)
    {
        PackHandle? superfluous = null;
        lock (_handlesGate)
        {
            if (_handles.TryGetValue(opened.Pack, out var other))
            {
                superfluous = opened;
                opened = other;
            }
            else
            {
                if (_handles.Count >= MostOpen)
                    _handles.Remove(Oldest(), out superfluous);
                _handles.Add(opened.Pack, opened);
            }

            opened.LastUse = ++_uses;
            opened.Acquire();
        }

        superfluous?.Dispose();
        return opened;
    }

    PackId Oldest()
    {
        var oldest = default(PackHandle);
        foreach (var handle in _handles.Values)
        {
            if (oldest is null || handle.LastUse < oldest.LastUse)
                oldest = handle;
        }

        return oldest!.Pack;
    }
}
