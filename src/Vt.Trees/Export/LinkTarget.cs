using Vt.Trees.Dirents;

namespace Vt.Trees.Export;

/// <summary>An inode of several names: whichever name comes first makes it, the others wait for that and then link to it.</summary>
sealed class LinkTarget(Dirent inode)
{
    readonly List<ExportJob> _waiting = [];

    // Guards all that changes here.
    readonly Lock _stateGate = new();
    Dirent? _inode = inode;
    bool _isBeingMade;
    ExportJob? _made;
    Exception? _damage;

    public long Size { get; } = inode.Size;

    /// <summary>Asks what a name is to do.</summary>
    /// <param name="job">The name.</param>
    /// <param name="made">The name to link to, where there is one.</param>
    /// <param name="damage">Why there will never be one.</param>
    /// <returns>False where the name waits: it will be handed out by <see cref="Settle"/>.</returns>
    public bool TryResolve(ExportJob job, out ExportJob? made, out Exception? damage)
    {
        lock (_stateGate)
        {
            made = _made;
            damage = _damage;
            if (made is not null || damage is not null)
                return true;
            if (_isBeingMade)
            {
                _waiting.Add(job);
                return false;
            }

            _isBeingMade = true;
            job.Dirent = _inode;
            return true;
        }
    }

    /// <summary>Notes what became of the name that was to make it.</summary>
    /// <returns>The names that waited, to be resolved again.</returns>
    public ExportJob[] Settle(ExportJob? made, Exception? damage)
    {
        lock (_stateGate)
        {
            _isBeingMade = false;
            _made = made;
            _damage = damage;
            if (made is not null || damage is not null)
                _inode = null;
            var waiting = _waiting.ToArray();
            _waiting.Clear();
            return waiting;
        }
    }
}
