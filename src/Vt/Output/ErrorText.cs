using System.Diagnostics;
using Vt.Blocks.Contracts;

namespace Vt.Output;

/// <summary>What a failure says to the person at the keyboard, in one line.</summary>
static class ErrorText
{
    /// <summary>
    /// The line. Failures that the program knows say enough by themselves; any other is a fault in the program, and its line
    /// names the kind and the place so that it can be reported.
    /// </summary>
    public static string Of(Exception failure) => failure switch
    {
        UserErrorException or FormatInvalidException or BlockMissingException or BlockCorruptException => failure.Message,
        StoreUnavailableException { IsTransient: true } => $"{failure.Message}; trying again may help",
        StoreUnavailableException or StoreFullException or IOException or UnauthorizedAccessException => failure.Message,
        OperationCanceledException => "interrupted",
        AggregateException { InnerExceptions.Count: 1 } => Of(failure.InnerException!),
        _ => $"fault in the program, please report it: {failure.GetType().Name}: {failure.Message}{PlaceOf(failure)}",
    };

    static string PlaceOf(Exception failure)
    {
        var frames = failure.StackTrace?.Split('\n', 2);
        Debug.WriteLine(failure);
        return frames is [var first, ..] ? $" ({first.Trim()})" : "";
    }
}
