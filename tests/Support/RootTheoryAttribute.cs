namespace Vt.Tests.Support;

/// <summary>A theory that needs root's rights; skipped, with the reason in the report, for anybody else.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute() => Skip = TreeGenerator.IsRoot ? null : "only root may give files away and mount";
}
