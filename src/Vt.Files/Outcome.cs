using Vt.Posix;

namespace Vt.Files;

/// <summary>What a file operation came to: a value, or the error number that the caller gets.</summary>
/// <param name="Error">The error; <c>default</c> (0) where there is none.</param>
/// <param name="Value">The value; meaningless where there is an error.</param>
/// <typeparam name="T">The value's type.</typeparam>
public readonly record struct Outcome<T>(Errno Error, T Value)
{
    /// <summary>Whether there is a value.</summary>
    public bool Succeeded => Error == default;

    /// <summary>A value.</summary>
    public static implicit operator Outcome<T>(T value) => new(default, value);

    /// <summary>An error.</summary>
    public static implicit operator Outcome<T>(Errno error) => new(error, default!);
}
