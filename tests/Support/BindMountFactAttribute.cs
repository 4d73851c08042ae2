namespace Vt.Tests.Support;

/// <summary>A test that makes bind mounts, which only root can; skipped, with the reason in the report, where this machine or user can't.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class BindMountFactAttribute : FactAttribute
{
    public BindMountFactAttribute() => Skip = Environment.IsPrivilegedProcess ? MountAbility.WhyNot() : "only root can make a bind mount";
}
