using System.Diagnostics;
using Vt.Posix.Mounts;
using Vt.Tests.Support;

namespace Vt.SystemTests.Commands;

/// <summary>Runs a line of shell for what only the system's own tools can tell: rsync, setfacl, mount, du.</summary>
static class Shell
{
    /// <summary>Runs it and requires success; what it printed, trimmed.</summary>
    public static string Succeed(string line)
    {
        var (code, output) = Run(line);
        Assert.True(code == 0, $"{line}: exit code {code}: {output}");
        return output;
    }

    // In a mount namespace that was just made: a copy here of what another test has mounted would keep its server from ending.
    const string LetGoOfMounts = "while read -r _ at kind _; do [[ $kind != fuse* ]] || umount -l \"$(printf %b \"$at\")\" || true; done < <(cat /proc/self/mounts)";

    /// <summary>
    /// Runs a line as an ordinary user who may open /dev/fuse, in a mount namespace that goes with it; what it printed, trimmed.
    /// As anybody but root, just runs it.
    /// </summary>
    /// <param name="folder">A folder, which becomes the user's with all that is in it, and the current one.</param>
    /// <param name="line">The line; where a part of it fails, it fails.</param>
    public static string SucceedAsUser(string folder, string line)
    {
        if (ProcessIds.User != 0)
            return Succeed($"cd '{folder}'; set -e -o pipefail; {line}");
        var asUser = Path.Combine(folder, "as-user");
        File.WriteAllText(Path.Combine(folder, "line"), line);
        File.WriteAllText(asUser, $"""
            set -e
            {LetGoOfMounts}
            cd '{folder}'
            chown -R 65534:65534 .
            mknod -m 666 fuse c 10 229
            mount --bind fuse /dev/fuse
            exec setpriv {string.Join(' ', MountAbility.OrdinaryUser)} bash -e -o pipefail line
            """);
        return Succeed($"timeout 60 unshare --mount --propagation private bash '{asUser}'");
    }

    /// <summary>Runs it; the exit code and what it printed to either stream, trimmed.</summary>
    public static (int ExitCode, string Output) Run(string line)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec 2>&1; {line}");
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Trim());
    }
}
