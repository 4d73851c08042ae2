namespace Vt.Tests.Support.S3;

/// <summary>What servers do with If-None-Match and If-Match.</summary>
public enum ConditionHabit
{
    /// <summary>As the standard says, tags in quotes.</summary>
    Standard,

    /// <summary>Tags only without quotes, as Ceph 16.</summary>
    BareTags,

    /// <summary>Nothing: the put is made.</summary>
    Ignore,

    /// <summary>501.</summary>
    NotOffered,
}
