namespace Vt.References;

/// <summary>What became of a reference that a store file has.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Outcome">One word: <c>new</c>, <c>moved</c>, <c>same</c> or <c>kept</c>, where the store's own stays as it is.</param>
/// <param name="Why">Why it was kept; empty otherwise.</param>
sealed record UnpackedReference(string Name, string Outcome, string Why = "")
{
    /// <summary>Whether the store goes on without what the file has.</summary>
    public bool IsKept => Outcome == "kept";
}
