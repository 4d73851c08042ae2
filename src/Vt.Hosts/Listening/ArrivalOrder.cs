using System.Diagnostics.CodeAnalysis;

namespace Vt.Hosts.Listening;

/// <summary>Who waits for something, in the order in which they came: any may leave by itself, and whoever has waited longest may be taken out. Thread-safe.</summary>
/// <typeparam name="T">Who waits.</typeparam>
sealed class ArrivalOrder<T>
{
    // Guards the list.
    readonly Lock _gate = new();
    readonly LinkedList<T> _waiting = [];

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Lets one wait behind all others.</summary>
    /// <returns>Its place, to leave it.</returns>
    public LinkedListNode<T> Add(T who)
    {
        lock (_gate)
            return _waiting.AddLast(who);
    }

    /// <summary>Leaves a place.</summary>
    /// <returns>False where it was left, or taken out, before.</returns>
    public bool TryLeave(LinkedListNode<T> place)
    {
        lock (_gate)
        {
            if (place.List is null)
                return false;
            _waiting.Remove(place);
            return true;
        }
    }

    /// <summary>Takes out who has waited longest.</summary>
    /// <returns>False where nobody waits.</returns>
    public bool TryTakeOldest([MaybeNullWhen(false)] out T who)
    {
        lock (_gate)
        {
            (who, var isThere) = _waiting.First is { } first ? (first.Value, true) : (default, false);
            if (isThere)
                _waiting.RemoveFirst();
            return isThere;
        }
    }
}
