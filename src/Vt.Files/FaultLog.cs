namespace Vt.Files;

/// <summary>Says each fault once, and stops saying them when there are so many that a log would drown.</summary>
sealed class FaultLog(Action<string>? write)
{
    const int Most = 1000;

    // Guards the set.
    readonly Lock _saidGate = new();
    readonly HashSet<string> _said = new(StringComparer.Ordinal);

    /// <summary>Says a fault.</summary>
    /// <param name="fault">The line.</param>
    /// <param name="cause">What tells the fault from others: of several lines with the same cause only the first is said.</param>
    public void Say(string fault, string cause)
    {
        if (write is null)
            return;
        lock (_saidGate)
        {
            if (_said.Count >= Most || !_said.Add(cause))
                return;
            if (_said.Count == Most)
                fault += "; further faults are not logged";
        }

        write(fault);
    }
}
