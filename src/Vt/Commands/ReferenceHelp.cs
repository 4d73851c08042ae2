namespace Vt.Commands;

/// <summary>What the help of every command that takes references says of them.</summary>
static class ReferenceHelp
{
    /// <summary>The paragraph.</summary>
    public const string Text =
        """
        REF is ARCHIVE.vt for the last state of an archive, ARCHIVE.vt@DATE for the last state of a day, minute or second (2026-11-21,
        2026-11-21T07:30, 2026-11-21T07:30:00, or seconds since 1970), either with /PATH behind it; or a text that vt save or vt log
        printed, with /PATH behind it where it is a directory; or the text of a block reference, which means its content. Of volumes
        it is VOLUME for the tree that is worked on, VOLUME@REV for a commit, or REV for one of the current volume (vt show --help), with /PATH behind it or not.
        It is also trees/NAME, a tree that the store has a name for, or a URI, x-vt:/REF/PATH, perhaps with the store that has it: vt-uri(7).
        """;
}
