using Vt.Posix.Mounts;

namespace Vt.SystemTests.Fuse;

/// <summary>Switches FUSE over io_uring on while the tests of its collection run, one after another, and afterwards back to what it was.</summary>
public sealed class IoUringSwitch : IDisposable
{
    /// <summary>The collection of all tests that need it.</summary>
    public const string Collection = "io_uring";

    const string Parameter = "/sys/module/fuse/parameters/enable_uring";

    readonly string? _before;

    public IoUringSwitch()
    {
        if (!IsThere || IsOn || ProcessIds.User != 0)
            return;
        _before = File.ReadAllText(Parameter);
        Set(on: true);
    }

    /// <summary>Whether the kernel has it at all.</summary>
    public static bool IsThere => File.Exists(Parameter);

    /// <summary>Whether it is on, or can be switched on.</summary>
    public static bool CanBeOn => IsThere && (IsOn || ProcessIds.User == 0);

    /// <summary>What the tests of sessions run over: <c>off</c>, and <c>on</c> where that is possible.</summary>
    public static TheoryData<string> Transports => CanBeOn ? ["off", "on"] : ["off"];

    static bool IsOn => File.ReadAllText(Parameter).Trim() is "Y" or "1";

    /// <summary>Switches it; only root may.</summary>
    public static void Set(bool on) => File.WriteAllText(Parameter, on ? "Y" : "N");

    public void Dispose()
    {
        if (_before is not null)
            File.WriteAllText(Parameter, _before);
    }
}
