namespace Vt.Files.Journal;

/// <summary>A list of what is local, as the state names it.</summary>
/// <param name="Number">The file's number: the epoch that began at the list's instant.</param>
/// <param name="Length">How many bytes the file has.</param>
/// <param name="Check">The checksum of all of it.</param>
readonly record struct LocalList(uint Number, long Length, uint Check);
