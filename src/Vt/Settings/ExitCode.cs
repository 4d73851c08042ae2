namespace Vt.Settings;

/// <summary>What the program's exit status tells its caller.</summary>
static class ExitCode
{
    /// <summary>All was done.</summary>
    public const int Ok = 0;

    /// <summary>It could not be done, or a check found damage.</summary>
    public const int Error = 1;

    /// <summary>The command line was not understood.</summary>
    public const int Usage = 2;

    /// <summary>A part could not be done, or differences were found; the rest was done.</summary>
    public const int Partial = 3;

    /// <summary>A signal ended it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>The codes and their meaning, as help and manual list them.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (Ok, "all was done"),
        (Error, "it could not be done, and a line on standard error says why; or a check found damage"),
        (Usage, "the command line was not understood"),
        (Partial, "a part could not be read, or differences were found; the rest was done"),
        (Interrupted, "interrupted by a signal"),
    ];
}
