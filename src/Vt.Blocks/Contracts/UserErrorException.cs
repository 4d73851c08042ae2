namespace Vt.Blocks.Contracts;

/// <summary>
/// Something that the person at the keyboard can put right: the message is one line that says what, where and what to do.
/// </summary>
/// <param name="message">That line, without "vt:" before it and without a full stop.</param>
/// <param name="inner">The cause, where there is one.</param>
public sealed class UserErrorException(string message, Exception? inner = null) : Exception(message, inner);
