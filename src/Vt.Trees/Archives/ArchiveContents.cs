namespace Vt.Trees.Archives;

/// <summary>All that an archive holds.</summary>
/// <param name="Id">What the archive is known by wherever it lies; null where its first line is damaged.</param>
/// <param name="States">The states in the order in which they were appended.</param>
/// <param name="Faults">Lines that were passed over.</param>
public sealed record ArchiveContents(Guid? Id, IReadOnlyList<ArchiveState> States, IReadOnlyList<ArchiveFault> Faults);
