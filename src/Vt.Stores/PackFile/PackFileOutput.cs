namespace Vt.Stores.PackFile;

/// <summary>Takes the next bytes of a file that is made from its start.</summary>
/// <param name="bytes">The bytes; borrowed for the call.</param>
public delegate void PackFileOutput(ReadOnlySpan<byte> bytes);
