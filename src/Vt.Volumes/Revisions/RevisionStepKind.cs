namespace Vt.Volumes.Revisions;

/// <summary>The kinds of steps in a revision.</summary>
public enum RevisionStepKind
{
    /// <summary><c>^</c> or <c>^N</c>: the first or N-th parent; <c>^0</c> the commit itself.</summary>
    Parent,

    /// <summary><c>~</c> or <c>~N</c>: N times the first parent.</summary>
    Ancestor,

    /// <summary><c>@{N}</c>: where the branch stood N movements ago.</summary>
    Movement,

    /// <summary><c>@{DATE}</c>: where the branch stood then.</summary>
    Moment,
}
