namespace Vt.Terminals;

/// <summary>What a key does to a line.</summary>
enum KeyKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Types something.</summary>
    Text,

    /// <summary>Enters the line.</summary>
    Enter,

    /// <summary>Completes a word.</summary>
    Complete,

    /// <summary>Gives the line up.</summary>
    Interrupt,

    /// <summary>Deletes forwards; ends the input where there is nothing.</summary>
    DeleteOrEnd,

    /// <summary>Deletes forwards.</summary>
    Delete,

    /// <summary>Deletes backwards.</summary>
    Backspace,

    /// <summary>A character back.</summary>
    Left,

    /// <summary>A character on.</summary>
    Right,

    /// <summary>To the line's beginning.</summary>
    Home,

    /// <summary>To the line's end.</summary>
    End,

    /// <summary>A word back.</summary>
    WordLeft,

    /// <summary>A word on.</summary>
    WordRight,

    /// <summary>The line before this one.</summary>
    Previous,

    /// <summary>The line after it.</summary>
    Next,

    /// <summary>Cuts to the line's end.</summary>
    CutToEnd,

    /// <summary>Cuts to its beginning.</summary>
    CutToStart,

    /// <summary>Cuts back to a blank.</summary>
    CutBlankWord,

    /// <summary>Cuts a word back.</summary>
    CutWordLeft,

    /// <summary>Cuts a word on.</summary>
    CutWordRight,

    /// <summary>Puts in what was cut.</summary>
    Paste,

    /// <summary>Clears the screen.</summary>
    Clear,

    /// <summary>Searches earlier lines.</summary>
    Search,

    /// <summary>Leaves the search, and what was there comes back.</summary>
    Abort,

    /// <summary>Swaps two characters.</summary>
    Swap,
}
