namespace Vt.Files.Journal;

/// <summary>
/// Keeps what was written to files until it is stored as blocks: bytes that never change, for as long as somebody has a hold
/// on them. Safe from any thread.
/// </summary>
interface IFrontData
{
    /// <summary>Reads bytes that the caller has a hold on.</summary>
    /// <param name="place">Where they begin.</param>
    /// <param name="destination">Filled whole.</param>
    /// <exception cref="Posix.PosixException">The disk can't be read.</exception>
    void Read(LogPlace place, Span<byte> destination);

    /// <summary>Takes a hold on bytes that somebody has a hold on already.</summary>
    void Retain(LogPlace place, long length);

    /// <summary>Lets go of bytes; those that nobody holds may be gone at once.</summary>
    void Release(LogPlace place, long length);
}
