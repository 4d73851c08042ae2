using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.DataDir.Inspection;

/// <summary>Collects what several threads find.</summary>
/// <param name="root">The DataDir's folder, which is taken off paths.</param>
sealed class FaultList(string root)
{
    // Guards the lists.
    readonly Lock _listsGate = new();
    readonly List<DataDirFault> _faults = [];
    readonly List<DataDirFault> _notes = [];

    /// <summary>How many faults there are.</summary>
    public int Count
    {
        get
        {
            lock (_listsGate)
                return _faults.Count;
        }
    }

    /// <summary>The faults in order.</summary>
    public IReadOnlyList<DataDirFault> Faults => Sorted(_faults);

    /// <summary>The notes in order.</summary>
    public IReadOnlyList<DataDirFault> Notes => Sorted(_notes);

    /// <summary>Adds a fault.</summary>
    public void Add(string path, long offset, string what, IReadOnlyList<BlockHash>? affected = null)
    {
        lock (_listsGate)
            _faults.Add(new DataDirFault(Path.GetRelativePath(root, path), offset, what, affected ?? []));
    }

    /// <summary>Adds a note.</summary>
    public void Note(string path, long offset, string what)
    {
        lock (_listsGate)
            _notes.Add(new DataDirFault(Path.GetRelativePath(root, path), offset, what, []));
    }

    /// <summary>Does something with a file and turns what goes wrong into a fault.</summary>
    /// <returns>Whether it was done.</returns>
    public bool Try(string path, Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (FormatInvalidException fault)
        {
            Add(path, fault.Offset, fault.What);
        }
        catch (UserErrorException fault)
        {
            Add(path, 0, fault.Message);
        }
        catch (IOException failed)
        {
            Add(path, 0, failed.Message);
        }
        catch (UnauthorizedAccessException refused)
        {
            Add(path, 0, refused.Message);
        }

        return false;
    }

    IReadOnlyList<DataDirFault> Sorted(List<DataDirFault> list)
    {
        lock (_listsGate)
            return [.. list.OrderBy(fault => fault.File, StringComparer.Ordinal).ThenBy(fault => fault.Offset)];
    }
}
