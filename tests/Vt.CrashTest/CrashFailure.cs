namespace Vt.CrashTest;

/// <summary>What was acknowledged is not there, or what is there was never written.</summary>
sealed class CrashFailure(string message) : Exception(message);
