namespace Vt.Stores.DataDir.Index;

/// <summary>Where a run's bytes go. A run is written in a few ascending streams at once and its header last.</summary>
abstract class RunOutput
{
    /// <summary>Writes bytes at an offset from the run's start; borrowed for the call.</summary>
    public abstract void Write(long offset, ReadOnlySpan<byte> bytes);
}
