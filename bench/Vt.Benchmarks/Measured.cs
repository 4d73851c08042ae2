namespace Vt.Benchmarks;

/// <summary>What a command took.</summary>
/// <param name="Wall">Seconds from start to end.</param>
/// <param name="User">CPU seconds in the program and its children.</param>
/// <param name="System">CPU seconds in the kernel on their behalf.</param>
/// <param name="PeakBytes">The largest resident size of any one of them.</param>
readonly record struct Measured(double Wall, double User, double System, long PeakBytes)
{
    /// <summary>CPU seconds, the figure that stays steady on a shared machine.</summary>
    public double Cpu => User + System;

    public override string ToString() => FormattableString.Invariant($"{Wall,7:0.00} s wall {Cpu,7:0.00} s CPU {PeakBytes >> 20,5} MiB");
}
