using System.Text;

namespace Vt.Files.Inodes;

/// <summary>The directories that node ids refer to. One leaves when the kernel holds no lookup of its entries any more.</summary>
sealed class DirectoryTable
{
    /// <summary>Node ids of trees for reading have eight zeros at their beginning.</summary>
    const uint LargestNumber = uint.MaxValue >> 8;

    // Guards everything below and the lookup counts of the directories.
    readonly Lock _gate = new();
    readonly Dictionary<uint, OpenDirectory> _byNumber = [];
    readonly Dictionary<(NodeId Node, DirectoryRole Role, string Name), OpenDirectory> _byNode = [];
    uint _last;

    /// <summary>How many directories are in use.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _byNumber.Count;
        }
    }

    /// <summary>The directory that a node id lies in; null where the kernel asks for what it was told to forget.</summary>
    public OpenDirectory? Find(uint number)
    {
        lock (_gate)
            return _byNumber.GetValueOrDefault(number);
    }

    /// <summary>What stands for a node in a role, if it is in use.</summary>
    public OpenDirectory? Find(NodeId node, DirectoryRole role, ReadOnlySpan<byte> name = default)
    {
        var key = (node, role, Latin(name));
        lock (_gate)
            return _byNode.GetValueOrDefault(key);
    }

    /// <summary>
    /// Counts a lookup of one of a directory's entries and gives the entry's node id. The directory enters the table if it is not
    /// there: another reader may have entered the same one meanwhile, and that one counts then.
    /// </summary>
    public NodeId Enter(OpenDirectory directory, long position)
    {
        lock (_gate)
        {
            var key = KeyOf(directory);
            if (!_byNode.TryGetValue(key, out var entered))
            {
                entered = directory;
                _byNode.Add(key, entered);
                _byNumber.Add(entered.Number, entered);
            }

            entered.Lookups++;
            return NodeId.At(entered.Number, position);
        }
    }

    /// <summary>A directory has come to have other entries: those that are known by the old ones stay known, new ones enter under another number.</summary>
    public void Supersede(OpenDirectory directory)
    {
        lock (_gate)
        {
            if (_byNode.GetValueOrDefault(KeyOf(directory)) == directory)
                _byNode.Remove(KeyOf(directory));
        }
    }

    /// <summary>A number that no directory in use has: no directory has had it before the numbers begin anew.</summary>
    public uint NextNumber()
    {
        lock (_gate)
        {
            do
                _last = _last >= LargestNumber ? 1 : _last + 1;
            while (_byNumber.ContainsKey(_last));
            return _last;
        }
    }

    /// <summary>Takes back lookups of a node.</summary>
    public void Forget(NodeId node, ulong count)
    {
        lock (_gate)
        {
            if (!_byNumber.TryGetValue(node.Directory, out var directory))
                return;
            directory.Lookups -= (long)Math.Min(count, (ulong)directory.Lookups);
            if (directory.Lookups > 0)
                return;
            _byNumber.Remove(directory.Number);
            if (_byNode.GetValueOrDefault(KeyOf(directory)) == directory)
                _byNode.Remove(KeyOf(directory));
        }
    }

    static (NodeId Node, DirectoryRole Role, string Name) KeyOf(OpenDirectory directory) => (directory.Node, directory.Role, Latin(directory.Name));

    // A character for each byte.
    static string Latin(ReadOnlySpan<byte> name) => name.IsEmpty ? "" : Encoding.Latin1.GetString(name);
}
