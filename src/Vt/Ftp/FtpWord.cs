namespace Vt.Ftp;

/// <summary>A word of a command.</summary>
/// <param name="Bytes">What it stands for, quotes taken away.</param>
/// <param name="Pattern">The same as a pattern, in which all that was quoted stands for itself.</param>
/// <param name="HasWildcards">Whether something in it that was not quoted stands for several names.</param>
/// <param name="Start">Where it begins in the line, in characters.</param>
sealed record FtpWord(byte[] Bytes, byte[] Pattern, bool HasWildcards, int Start);
