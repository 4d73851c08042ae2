namespace Vt.Stores.S3.Refs;

/// <summary>What a server does with conditions of puts.</summary>
enum ConditionSupport
{
    /// <summary>It says that it has none.</summary>
    None,

    /// <summary>It answers as if there were none: nothing can be built on that.</summary>
    Ignored,

    /// <summary>It keeps to them.</summary>
    Kept,
}
