namespace Vt.Ftp;

/// <summary>One command of a line.</summary>
/// <param name="Words">Its words, the command's name first; none of a shell's command.</param>
/// <param name="Shell">What the shell is to run; null of any other command.</param>
/// <param name="IsTolerant">Whether a script goes on when it fails: a hyphen stands before it.</param>
sealed record FtpStatement(IReadOnlyList<FtpWord> Words, string? Shell, bool IsTolerant);
