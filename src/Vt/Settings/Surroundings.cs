using Vt.Blocks.Contracts;
using Vt.Stores.Config;

namespace Vt.Settings;

/// <summary>All that a run of the program sees of the process around it; tests give their own.</summary>
sealed record Surroundings
{
    /// <summary>Standard input.</summary>
    public required Stream Input { get; init; }

    /// <summary>Standard output: results and nothing else.</summary>
    public required Stream Output { get; init; }

    /// <summary>Standard error: progress, warnings and the one line that says what went wrong.</summary>
    public required Stream Error { get; init; }

    /// <summary>Whether a person types standard input.</summary>
    public bool InputIsTerminal { get; init; }

    /// <summary>Has something else done for an interrupt than the command's end, until the returned is disposed; null where there are none.</summary>
    public Func<Action, IDisposable>? TakeInterrupts { get; init; }

    /// <summary>Whether a person watches standard output.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>Whether a person watches standard error.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>The width of that terminal in columns.</summary>
    public int Width { get; init; } = 80;

    /// <summary>Looks an environment variable up; null where it is not set.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>The folder that relative paths start from, absolute.</summary>
    public required string CurrentDirectory { get; init; }

    /// <summary>The clock of dates that are written and of rates that are shown.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The name by which the program was called, without folders.</summary>
    public string ProgramName { get; init; } = "vt";

    /// <summary>Opens stores.</summary>
    public Func<StoreSettings, StoreOpenOptions, CancellationToken, Task<IBlockStore>> OpenStore { get; init; } = StoreFactory.OpenAsync;
}
