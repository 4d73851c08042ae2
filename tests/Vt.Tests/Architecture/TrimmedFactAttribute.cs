namespace Vt.Tests.Architecture;

/// <summary>A test of the program that make builds; skipped in a working copy where that was not done.</summary>
sealed class TrimmedFactAttribute : FactAttribute
{
    public TrimmedFactAttribute() => Skip = Directory.Exists(Folder) ? null : "there is no trimmed program here: run make first";

    /// <summary>Where the trimmer leaves what it wrote.</summary>
    public static string Folder { get; } = Path.Combine(Checkout.Top, "artifacts", "obj", "Vt", "release_linux-x64", "linked");
}
