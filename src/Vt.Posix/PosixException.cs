using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>A system call failed. The message names the call, its object and what the system says: "open NAME: No such file or directory".</summary>
/// <param name="error">The error number.</param>
/// <param name="call">The call, by its C name.</param>
/// <param name="path">What it was about; null where there is nothing to name.</param>
public sealed class PosixException(Errno error, string call, string? path = null)
    : IOException(path is null ? $"{call}: {TextOf(error)}" : $"{call} {path}: {TextOf(error)}")
{
    /// <summary>The error number.</summary>
    public Errno Error { get; } = error;

    /// <summary>The call, by its C name.</summary>
    public string Call { get; } = call;

    /// <summary>What the call was about.</summary>
    public string? Path { get; } = path;

    /// <summary>What the system says about an error number (strerror(3)).</summary>
    public static string TextOf(Errno error) => Marshal.GetPInvokeErrorMessage((int)error);

    /// <summary>The failure of a call about a path given as bytes.</summary>
    public static PosixException For(Errno error, string call, ReadOnlySpan<byte> path) => new(error, call, PathText.Of(path));
}
