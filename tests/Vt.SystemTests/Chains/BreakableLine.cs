namespace Vt.SystemTests.Chains;

/// <summary>A line to a store that breaks in the middle of what goes over it, while whoever serves at its far end is killed.</summary>
abstract class BreakableLine : IDisposable
{
    /// <summary>The store at the near end, as the settings of a clause.</summary>
    public abstract string Settings { get; }

    /// <summary>How many times it was broken in fact, each with something left to go over it.</summary>
    public abstract int Breaks { get; }

    /// <summary>Plans breaks. After each the server is started again, or can be.</summary>
    /// <param name="isInAnswers">Whether the bytes that count are the server's, or the client's.</param>
    /// <param name="isForGood">Whether nobody is there from the first break on, until <see cref="Mend"/>.</param>
    /// <param name="places">After how many bytes, each counted from the break before.</param>
    public abstract void BreakAt(bool isInAnswers, bool isForGood, params long[] places);

    /// <summary>Lets there be a server again after a break for good.</summary>
    public abstract void Mend();

    public abstract void Dispose();
}
