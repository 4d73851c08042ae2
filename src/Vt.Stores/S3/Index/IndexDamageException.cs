using Vt.Stores.DataDir.Index;

namespace Vt.Stores.S3.Index;

/// <summary>A lookup met damage in a run: <see cref="S3Index.MendAsync"/> replaces it, and the lookup is made again.</summary>
/// <param name="run">The run; only to be compared, since nobody holds it.</param>
/// <param name="fault">What is wrong.</param>
sealed class IndexDamageException(Run run, Exception fault) : Exception(fault.Message, fault)
{
    /// <summary>The run.</summary>
    public Run Run { get; } = run;
}
