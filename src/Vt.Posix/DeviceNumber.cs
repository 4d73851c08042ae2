namespace Vt.Posix;

/// <summary>Device numbers in the C library's 64-bit form (makedev(3)).</summary>
public static class DeviceNumber
{
    /// <summary>Joins the two parts.</summary>
    public static ulong Make(uint major, uint minor) =>
        ((ulong)(major & 0xfffff000) << 32) | ((ulong)(major & 0xfff) << 8) | ((ulong)(minor & 0xffffff00) << 12) | (minor & 0xff);

    /// <summary>The driver's number.</summary>
    public static uint Major(ulong device) => (uint)((device >> 32) & 0xfffff000) | (uint)((device >> 8) & 0xfff);

    /// <summary>The number within the driver.</summary>
    public static uint Minor(ulong device) => (uint)((device >> 12) & 0xffffff00) | (uint)(device & 0xff);
}
