namespace Vt.Files.Journal;

/// <summary>A record that waits to be replayed: its bytes, and its data, on which the replay has a hold.</summary>
/// <param name="Bytes">The record.</param>
/// <param name="Data">Where its data lies.</param>
/// <param name="DataLength">How many bytes of data it has; 0 for none.</param>
readonly record struct LoggedChange(byte[] Bytes, LogPlace Data, int DataLength);
