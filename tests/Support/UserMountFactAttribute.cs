namespace Vt.Tests.Support;

/// <summary>A test that mounts as an ordinary user; skipped, with the reason in the report, where ordinary users can't.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class UserMountFactAttribute : FactAttribute
{
    public UserMountFactAttribute() => Skip = MountAbility.WhyNotAsUser();
}
