using Vt.Posix.Mounts;
using Vt.Tests.Support;

namespace Vt.SystemTests.Docker;

/// <summary>A test with a real Docker Engine; skipped, with the reason in the report, where none can be started.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class DockerFactAttribute : FactAttribute
{
    public DockerFactAttribute() => Skip = WhyNot();

    /// <summary>What keeps this machine from it; null if nothing does.</summary>
    public static string? WhyNot()
    {
        if (ProcessIds.User != 0)
            return "only root can start a Docker Engine";
        foreach (var program in (string[])["/usr/sbin/dockerd", "/usr/bin/docker", "/usr/bin/docker-compose", "/bin/busybox", "/usr/bin/redis-check-rdb", "/usr/bin/curl"])
        {
            if (!File.Exists(program))
                return $"{program} isn't installed: make deps";
        }

        return MountAbility.WhyNot();
    }
}
