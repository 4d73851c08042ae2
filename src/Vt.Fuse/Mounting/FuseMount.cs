using System.Globalization;
using System.Text;
using Vt.Posix;
using Vt.Posix.Mounts;

namespace Vt.Fuse.Mounting;

/// <summary>
/// A mount of ours: by mount(2) where we may, else by fusermount3. It is told from others on the same place by its number in the mount
/// table, so that nothing else is ever unmounted by mistake; the mount itself is never touched, as that would ask ourselves.
/// </summary>
public sealed class FuseMount : IDisposable
{
    const string DevicePath = "/dev/fuse";

    /// <summary>How many dead mounts may lie on one another before we give up.</summary>
    const int DeadMountLimit = 16;

    readonly FuseMountHelper? _helper;
    readonly int _id;
    readonly uint _minor;
    FileDescriptor? _device;

    FuseMount(string path, FileDescriptor device, FuseMountHelper? helper, FuseMountOptions options)
    {
        Path = path;
        _device = device;
        _helper = helper;
        var entry = MountTable.FindTop(path);
        if (entry?.Type == options.Type)
        {
            _id = entry.Id;
            _minor = entry.Minor;
        }
    }

    /// <summary>The mountpoint, absolute and without symbolic links.</summary>
    public string Path { get; }

    /// <summary>Whether the mount table still has it.</summary>
    public bool IsMounted => MountTable.FindTop(Path) is { } top && top.Id == _id && top.Minor == _minor;

    /// <summary>Mounts.</summary>
    /// <param name="mountPoint">An existing folder; what a dead server of the same type left mounted there is detached first.</param>
    /// <param name="options">How.</param>
    /// <exception cref="PosixException">The system refuses.</exception>
    /// <exception cref="IOException">fusermount3 refuses; the message is its own.</exception>
    public static FuseMount Create(string mountPoint, FuseMountOptions options)
    {
        var path = Clear(mountPoint, options);
        if (!options.AutoUnmount && TryDirect(path, options, out var device) is var error && error != Errno.EPERM)
            return error == Errno.OK ? new FuseMount(path, device!, null, options) : throw new PosixException(error, "mount", mountPoint);
        var helper = FuseMountHelper.Mount(path, options, out device);
        return new FuseMount(path, device, helper, options);
    }

    /// <summary>Takes the mount out of the tree; it goes when its last user does. Does nothing if it is gone already.</summary>
    public void Detach()
    {
        if (!IsMounted)
            return;
        if (_helper is not null || MountCalls.TryUnmount(Path, UnmountFlags.MNT_DETACH) != Errno.OK)
            FuseMountHelper.Unmount(Path);
    }

    /// <summary>Cuts the connection, so that everybody who waits for us gets ECONNABORTED; root or the mount's owner may.</summary>
    /// <returns>Whether the system let us.</returns>
    public bool TryAbort()
    {
        var control = string.Create(CultureInfo.InvariantCulture, $"/sys/fs/fuse/connections/{_minor}/abort");
        return _minor != 0 && TryWrite(control, "1");
    }

    /// <summary>Raises how much the kernel reads ahead on this mount beyond its default of 128 KiB; root may.</summary>
    /// <param name="kibibytes">How much.</param>
    /// <returns>Whether the system let us.</returns>
    public bool TrySetReadAhead(int kibibytes)
    {
        var setting = string.Create(CultureInfo.InvariantCulture, $"/sys/class/bdi/0:{_minor}/read_ahead_kb");
        return _minor != 0 && TryWrite(setting, kibibytes.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Lets the helper process go, if there is one.</summary>
    public void Dispose()
    {
        _device?.Dispose();
        _helper?.Dispose();
    }

    /// <summary>Hands the connection over to who serves it.</summary>
    internal FileDescriptor TakeDevice()
    {
        var device = _device ?? throw new InvalidOperationException("the connection was taken already");
        _device = null;
        return device;
    }

    /// <summary>Makes sure that there is a folder to mount on.</summary>
    /// <returns>Its absolute path without symbolic links.</returns>
    static string Clear(string mountPoint, FuseMountOptions options)
    {
        for (var i = 0; ; i++)
        {
            var path = MountCalls.Resolve(mountPoint);
            var error = PosixFile.TryStat(path, out var status);
            if (error == Errno.OK)
                return status.IsDirectory ? path : throw new PosixException(Errno.ENOTDIR, "mount", mountPoint);
            if (error == Errno.ECONNABORTED && i < DeadMountLimit)
                continue; // its server has just ended, and the kernel is still taking its io_uring down
            if (error != Errno.ENOTCONN)
                throw new PosixException(error, "mount", mountPoint);

            var top = MountTable.FindTop(path);
            if (top is null || top.Type != options.Type || i == DeadMountLimit)
                throw new PosixException(error, "mount", $"{mountPoint} (a dead mount of {top?.Type ?? "another"} is in the way)");
            if (MountCalls.TryUnmount(path, UnmountFlags.MNT_DETACH) != Errno.OK)
                FuseMountHelper.Unmount(path);
        }
    }

    static Errno TryDirect(string path, FuseMountOptions options, out FileDescriptor? device)
    {
        device = null;
        var error = PosixFile.TryOpen(DevicePath, OpenFlags.O_RDWR, 0, out var opened);
        if (error != Errno.OK)
            return error is Errno.EACCES ? Errno.EPERM : error;
        var data = string.Create(
            CultureInfo.InvariantCulture,
            $"fd={opened.Value},rootmode=40000,user_id={ProcessIds.User},group_id={ProcessIds.Group}{options.KernelOptions()}");
        error = MountCalls.TryMount(options.FileSystemName, path, options.Type, options.Flags, data);
        if (error == Errno.OK)
            device = opened;
        else
            opened.Dispose();
        return error;
    }

    static bool TryWrite(string path, string text)
    {
        if (PosixFile.TryOpen(path, OpenFlags.O_WRONLY, 0, out var file) != Errno.OK)
            return false;
        using (file)
            return PosixFile.TryPwrite(file, Encoding.ASCII.GetBytes(text), 0, out _) == Errno.OK;
    }
}
