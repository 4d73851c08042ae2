namespace Vt.Files.Journal;

/// <summary>Takes a record of the log that is being opened. It may call Retain, Release, Read and VerifyBulk of the log, and nothing else of it.</summary>
/// <param name="log">The log.</param>
/// <param name="record">The record.</param>
/// <returns>
/// False where bulk bytes that the record names failed their check: the log ends before this record. Only for records that are not
/// known to be durable; of others it is damage.
/// </returns>
delegate bool LogReplay(LiveLog log, in LogRecord record);
