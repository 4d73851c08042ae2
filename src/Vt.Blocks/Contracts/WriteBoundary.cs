using System.Diagnostics;
using System.Globalization;

namespace Vt.Blocks.Contracts;

/// <summary>
/// The hook of crash tests: told before and after every change that a store or an archive makes on disk. <c>VT_FAULT=kill:N</c> in the
/// environment kills this process with SIGKILL at the Nth crossing; unset, which is always but in tests, a crossing is a comparison with
/// null. Whoever opens a store and an archive gives both the same boundary, so that crossings are counted through. Thread-safe.
/// </summary>
public sealed class WriteBoundary
{
    /// <summary>The variable's name.</summary>
    public const string Variable = "VT_FAULT";

    const string KillPrefix = "kill:";

    readonly Action<WriteStep, string, bool>? _crossed;

    /// <summary>A boundary that tells somebody, from any thread, who may throw an <see cref="IOException"/>.</summary>
    /// <param name="crossed">Told the step, the path, and whether the change was made; null for nobody.</param>
    public WriteBoundary(Action<WriteStep, string, bool>? crossed) => _crossed = crossed;

    /// <summary>What the environment asks for.</summary>
    /// <exception cref="UserErrorException">The variable has another form.</exception>
    public static WriteBoundary FromEnvironment() => Parse(Environment.GetEnvironmentVariable(Variable));

    /// <summary>What the variable's value asks for.</summary>
    /// <param name="fault">The value; null where it is not set.</param>
    /// <exception cref="UserErrorException">It has another form.</exception>
    public static WriteBoundary Parse(string? fault)
    {
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
    /// <param name="step">The kind of change.</param>
    /// <param name="path">The file or folder that it is made to.</param>
    /// <param name="isDone">Whether it was made.</param>
    public void Cross(WriteStep step, string path, bool isDone) => _crossed?.Invoke(step, path, isDone);
}
