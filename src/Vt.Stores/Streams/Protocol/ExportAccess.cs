namespace Vt.Stores.Streams.Protocol;

/// <summary>What clients may do with an export. The numbers are the wire's.</summary>
public enum ExportAccess : byte
{
    /// <summary>Read.</summary>
    ReadOnly = 0,

    /// <summary>Read, add, and make or move references, but not end them: their logs keep all that they ever stood for.</summary>
    AppendOnly = 1,

    /// <summary>Everything.</summary>
    ReadWrite = 2,
}
