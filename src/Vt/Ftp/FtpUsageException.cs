namespace Vt.Ftp;

/// <summary>A command that is not understood, other than one that can't be done.</summary>
/// <param name="message">What is wrong.</param>
sealed class FtpUsageException(string message) : Exception(message);
