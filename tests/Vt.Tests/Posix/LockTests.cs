using Vt.Posix;
using Vt.Tests.Support;

namespace Vt.Tests.Posix;

/// <summary>Locks end with the disposal of who has them.</summary>
public sealed class LockTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_lock_ends_with_its_descriptor_though_a_process_that_is_being_started_has_the_file_too(bool isWhole)
    {
        using var folder = new TempFolder();
        bool Lock(FileDescriptor file) =>
            isWhole ? Locks.Flock(file, LockKind.Exclusive, wait: false) : Locks.LockRange(file, LockKind.Exclusive, 7, 1, wait: false);
        FileDescriptor Open() => PosixFile.Open(folder["lock"], OpenFlags.O_RDWR | OpenFlags.O_CREAT, 0x180);

        var holder = Open();
        Assert.True(Lock(holder));

        // What a child has between fork(2) and execve(2).
        using var childs = holder.Duplicate();
        using var other = Open();
        Assert.False(Lock(other));
        holder.Dispose();
        Assert.True(Lock(other));
    }
}
