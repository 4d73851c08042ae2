namespace Vt.SystemTests.Docker;

/// <summary>A theory with a real Docker Engine; skipped, with the reason in the report, where none can be started.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class DockerTheoryAttribute : TheoryAttribute
{
    public DockerTheoryAttribute() => Skip = DockerFactAttribute.WhyNot();
}
