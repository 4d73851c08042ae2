using Vt.Blocks.Contracts;

namespace Vt.Stores.DataDir.Index;

/// <summary>
/// Goes through several runs at once in ascending order of keys, newest pack first where a key stands more than once: a binary
/// heap of one cursor a run. Memory is a few hundred bytes a run.
/// </summary>
sealed class RunMerge
{
    readonly Run[] _runs;
    readonly BlockKey? _after;
    readonly Node[] _heap;
    readonly RunCursor[] _cursors;
    int _count;
    bool _started;

    /// <summary>Starts at the runs' beginnings, or after a key.</summary>
    /// <param name="runs">The runs; they stay acquired by the caller.</param>
    /// <param name="after">Entries up to and including this key are left out.</param>
    public RunMerge(ReadOnlySpan<Run> runs, BlockKey? after = null)
    {
        _runs = runs.ToArray();
        _after = after;
        _heap = new Node[runs.Length];
        _cursors = new RunCursor[runs.Length];
    }

    /// <summary>Which run was read last: the damaged one, after an exception.</summary>
    public int Reading { get; private set; }

    /// <summary>Which run the entry is of.</summary>
    public int Source => _heap[0].Source;

    /// <summary>The entry, valid after <see cref="MoveNext"/> said true. Its pack is a row of its run's table.</summary>
    public IndexEntry Entry => _cursors[_heap[0].Source].Entry;

    /// <summary>Goes to the next entry.</summary>
    /// <returns>False at the end of all runs.</returns>
    /// <exception cref="FormatInvalidException">The run <see cref="Reading"/> is damaged.</exception>
    public bool MoveNext()
    {
        if (!_started)
        {
            Start();
            return _count > 0;
        }

        Reading = _heap[0].Source;
        var cursor = _cursors[Reading];
        var before = _heap[0].Prefix;
        if (!cursor.MoveNext())
            _heap[0] = _heap[--_count];
        else if (cursor.Entry.Key.A < before)
            throw new FormatInvalidException("a run's entries are out of order").In(cursor.Run.Name);
        else
            _heap[0] = _heap[0] with { Prefix = cursor.Entry.Key.A };
        Sink();
        return _count > 0;
    }

    void Start()
    {
        _started = true;
        for (var i = 0; i < _runs.Length; i++)
        {
            Reading = i;
            _cursors[i] = new RunCursor(_runs[i], _after is { } key ? _runs[i].UpperBound(key) : 0);
            if (_cursors[i].MoveNext())
                Push(new Node(_cursors[i].Entry.Key.A, i));
        }
    }

    void Push(Node node)
    {
        var at = _count++;
        while (at > 0 && Precedes(node, _heap[(at - 1) / 2]))
        {
            _heap[at] = _heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        _heap[at] = node;
    }

    void Sink()
    {
        if (_count == 0)
            return;
        var node = _heap[0];
        var at = 0;
        while (true)
        {
            var child = (at * 2) + 1;
            if (child + 1 < _count && Precedes(_heap[child + 1], _heap[child]))
                child++;
            if (child >= _count || !Precedes(_heap[child], node))
                break;
            _heap[at] = _heap[child];
            at = child;
        }

        _heap[at] = node;
    }

    bool Precedes(in Node left, in Node right) =>
        left.Prefix != right.Prefix ? left.Prefix < right.Prefix : PrecedesFully(_cursors[left.Source], _cursors[right.Source]);

    static bool PrecedesFully(RunCursor left, RunCursor right)
    {
        var order = left.Entry.Key.CompareTo(right.Entry.Key);
        return order != 0 ? order < 0 : left.Sequence > right.Sequence;
    }

    readonly record struct Node(ulong Prefix, int Source);
}
