using System.Globalization;

namespace Vt.CrashTest;

/// <summary>What to do, from the command line.</summary>
sealed record CrashOptions
{
    /// <summary>The program under test.</summary>
    public required string Program { get; init; }

    /// <summary>A folder for archive, store and mountpoint.</summary>
    public required string Folder { get; init; }

    /// <summary>Kills at random moments.</summary>
    public int Kills { get; init; }

    /// <summary>After every how many kills to begin with a new archive and store.</summary>
    public int KillsOfOneArchive { get; init; } = 50;

    /// <summary>Power cuts at random moments: the folder is the root of an ext4 file system of its own, which is mounted again after each.</summary>
    public int PowerCuts { get; init; }

    /// <summary>The device of that file system.</summary>
    public string Device { get; init; } = "";

    /// <summary>Kill at every how many write boundaries; 0 for none.</summary>
    public int BoundaryStep { get; init; }

    /// <summary>The first of them.</summary>
    public int FirstBoundary { get; init; } = 1;

    /// <summary>How many steps each of the two writers does that are killed at boundaries.</summary>
    public int BoundarySteps { get; init; } = 60;

    /// <summary>How many threads write.</summary>
    public int Writers { get; init; } = 4;

    /// <summary>How long to write before a kill, at most.</summary>
    public int Milliseconds { get; init; } = 1500;

    /// <summary>Whether half of the names and some folders are in no state of the archive.</summary>
    public bool HasLocal { get; init; }

    /// <summary>Of all that is random.</summary>
    public int Seed { get; init; }

    public static CrashOptions Parse(string[] arguments)
    {
        var options = new CrashOptions { Program = arguments[0], Folder = arguments[1] };
        foreach (var argument in arguments[2..])
        {
            var (name, value) = (argument[..argument.IndexOf('=')], argument[(argument.IndexOf('=') + 1)..]);
            var number = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 0;
            options = name switch
            {
                "kills" => options with { Kills = number },
                "of-one-archive" => options with { KillsOfOneArchive = number },
                "power-cuts" => options with { PowerCuts = number },
                "device" => options with { Device = value },
                "boundary-step" => options with { BoundaryStep = number },
                "first-boundary" => options with { FirstBoundary = number },
                "boundary-steps" => options with { BoundarySteps = number },
                "writers" => options with { Writers = number },
                "milliseconds" => options with { Milliseconds = number },
                "local" => options with { HasLocal = number != 0 },
                "seed" => options with { Seed = number },
                _ => throw new ArgumentException($"{name} is not known"),
            };
        }

        return options;
    }
}
