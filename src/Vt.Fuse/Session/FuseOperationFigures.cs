using Vt.Fuse.Protocol;

namespace Vt.Fuse.Session;

/// <summary>What is known of one kind of request; all times in microseconds.</summary>
/// <param name="Opcode">The kind.</param>
/// <param name="Count">How many were answered.</param>
/// <param name="Mean">How long one took on average.</param>
/// <param name="Median">Half of them took no longer, to a fifth.</param>
/// <param name="Percentile99">99 of 100 took no longer, to a fifth.</param>
/// <param name="Longest">None took longer, to a fifth.</param>
public sealed record FuseOperationFigures(FuseOpcode Opcode, long Count, double Mean, double Median, double Percentile99, double Longest);
