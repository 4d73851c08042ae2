namespace Vt.Settings;

/// <summary>Makes the surroundings of the process itself.</summary>
static class ProcessSurroundings
{
    /// <summary>Standard streams, environment and current folder as they are.</summary>
    /// <param name="programName">The name by which the program was called.</param>
    public static Surroundings Create(string programName) => new()
    {
        ProgramName = programName,
        Input = Console.OpenStandardInput(),
        Output = Console.OpenStandardOutput(),
        Error = Console.OpenStandardError(),
        InputIsTerminal = !Console.IsInputRedirected,
        OutputIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Width = int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out var columns) && columns > 0 ? columns : 80,
        Environment = Environment.GetEnvironmentVariable,
        CurrentDirectory = Environment.CurrentDirectory,
    };
}
