namespace Vt.Tests.Support;

/// <summary>A test that mounts; skipped, with the reason in the report, where this machine or user can't.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class MountFactAttribute : FactAttribute
{
    public MountFactAttribute() => Skip = MountAbility.WhyNot();
}
