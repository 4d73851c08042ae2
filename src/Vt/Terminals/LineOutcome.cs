namespace Vt.Terminals;

/// <summary>What a key led to.</summary>
enum LineOutcome
{
    /// <summary>The line is still being typed.</summary>
    Typing,

    /// <summary>The line was entered.</summary>
    Entered,

    /// <summary>The line was given up.</summary>
    GivenUp,

    /// <summary>There will be no more lines.</summary>
    Ended,

    /// <summary>A word is to be completed.</summary>
    Completing,

    /// <summary>The screen is to be cleared.</summary>
    Clearing,
}
