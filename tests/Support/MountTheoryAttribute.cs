namespace Vt.Tests.Support;

/// <summary>As <see cref="MountFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class MountTheoryAttribute : TheoryAttribute
{
    public MountTheoryAttribute() => Skip = MountAbility.WhyNot();
}
