namespace Vt.Stores.DataDir.Text;

/// <summary>A line that was read.</summary>
/// <param name="Offset">Where it starts, in bytes.</param>
/// <param name="Fields">Its fields without the checksum; null where it is damaged or torn.</param>
/// <param name="IsTorn">Whether the file ends before the line does: what an interrupted write leaves.</param>
readonly record struct CheckedLineAt(int Offset, string[]? Fields, bool IsTorn);
