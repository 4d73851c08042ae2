using System.CommandLine;

namespace Vt.Commands;

/// <summary>A word that only leads to the commands below it.</summary>
/// <param name="name">The word.</param>
/// <param name="summary">One line for the list of commands.</param>
sealed class VerbGroup(string name, string summary) : Command(name, summary);
