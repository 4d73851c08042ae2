using System.Diagnostics;
using System.Globalization;
using Vt.Blocks.Contracts;

namespace Vt.Stores.DataDir.Disk;

/// <summary>
/// The hook of crash tests: told before and after every change that a DataDir makes on disk. <c>VT_FAULT=kill:N</c> in the environment
/// kills this process with SIGKILL at the Nth crossing; unset, which is always but in tests, a crossing is a comparison with null.
/// </summary>
sealed class WriteBoundary
{
    /// <summary>The variable's name.</summary>
    public const string Variable = "VT_FAULT";

    const string KillPrefix = "kill:";

    readonly Action<WriteStep, string, bool>? _crossed;

    /// <summary>A boundary that tells somebody, from any thread, who may throw a <see cref="Posix.PosixException"/>.</summary>
    /// <param name="crossed">Told the step, the path, and whether the change was made; null for nobody.</param>
    public WriteBoundary(Action<WriteStep, string, bool>? crossed) => _crossed = crossed;

    /// <summary>What the environment asks for.</summary>
    /// <exception cref="UserErrorException">The variable has another form.</exception>
    public static WriteBoundary FromEnvironment()
    {
        var fault = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(fault))
            return new WriteBoundary(null);
        if (!fault.StartsWith(KillPrefix, StringComparison.Ordinal)
            || !long.TryParse(fault.AsSpan(KillPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var left))
        {
            throw new UserErrorException($"{Variable}={fault} is not {KillPrefix}N");
        }

        return new WriteBoundary((_, _, _) =>
        {
            if (Interlocked.Decrement(ref left) == 0)
                Process.GetCurrentProcess().Kill();
        });
    }

    /// <summary>Says that a change is about to be made, or was made.</summary>
    public void Cross(WriteStep step, string path, bool isDone) => _crossed?.Invoke(step, path, isDone);
}
