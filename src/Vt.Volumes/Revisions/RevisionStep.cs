namespace Vt.Volumes.Revisions;

/// <summary>What follows a name in a revision.</summary>
/// <param name="Kind">Which kind.</param>
/// <param name="Number">How many, or which.</param>
/// <param name="Text">The date of a step that has one.</param>
public readonly record struct RevisionStep(RevisionStepKind Kind, int Number, string Text = "");
