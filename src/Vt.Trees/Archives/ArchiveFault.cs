namespace Vt.Trees.Archives;

/// <summary>A line of an archive that could not be read and was passed over.</summary>
/// <param name="Line">Its number, from 1; 0 where only the end of the archive was read.</param>
/// <param name="What">What is wrong with it.</param>
public readonly record struct ArchiveFault(int Line, string What);
