using Vt.Output;
using Vt.Trees.Archives;

namespace Vt.Dumps;

/// <summary>Lists an archive file's lines, those that can't be read too.</summary>
/// <param name="output">Where it goes.</param>
sealed class ArchiveDump(ResultWriter output)
{
    /// <summary>Prints the file.</summary>
    /// <returns>Whether all of it could be read.</returns>
    public bool Print(ArchiveFile archive)
    {
        var contents = archive.ReadAll();
        output.WriteLine($"archive {contents.Id?.ToString("D") ?? "without an id"}, {HumanText.Count(contents.States.Count, "state")}");
        foreach (var state in contents.States)
            output.WriteLine($"{state.When} {DirentText.DateOf(state.Date)} {state.Root}");
        foreach (var fault in contents.Faults)
            output.WriteLine($"line {fault.Line}: {TerminalText.Visible(fault.What)}");
        return contents.Faults.Count == 0;
    }
}
