namespace Vt.Hosts.DockerEngine;

/// <summary>How a command in a container ended.</summary>
/// <param name="ExitCode">Its exit status.</param>
/// <param name="Output">What it wrote to standard output and error, each in its order; at most the first 64 KiB.</param>
public sealed record ExecOutcome(int ExitCode, string Output);
