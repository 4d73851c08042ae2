namespace Vt.Hosts.ShadowHost;

/// <summary>Which way changes go.</summary>
public enum ShadowDirection
{
    /// <summary>Both ways.</summary>
    Both,

    /// <summary>From the folder to the archive only: the folder is never changed.</summary>
    ToStore,

    /// <summary>From the archive to the folder only: the archive is never changed.</summary>
    ToFolder,
}
