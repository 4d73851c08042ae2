using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vt.Fuse.Protocol;

namespace Vt.Tests.Fuse.Protocol;

/// <summary>The kernel's structures have the sizes and offsets of include/uapi/linux/fuse.h (7.45).</summary>
public sealed class WireLayoutTests
{
    [Fact]
    public void Structures_have_the_kernels_sizes()
    {
        Assert.Equal(40, Unsafe.SizeOf<InHeader>());
        Assert.Equal(16, Unsafe.SizeOf<OutHeader>());
        Assert.Equal(88, Unsafe.SizeOf<FuseAttributes>());
        Assert.Equal(128, Unsafe.SizeOf<EntryOut>());
        Assert.Equal(104, Unsafe.SizeOf<AttrOut>());
        Assert.Equal(16, Unsafe.SizeOf<OpenOut>());
        Assert.Equal(16, Unsafe.SizeOf<GetattrIn>());
        Assert.Equal(88, Unsafe.SizeOf<SetattrIn>());
        Assert.Equal(8, Unsafe.SizeOf<ForgetIn>());
        Assert.Equal(16, Unsafe.SizeOf<ForgetOne>());
        Assert.Equal(8, Unsafe.SizeOf<BatchForgetIn>());
        Assert.Equal(16, Unsafe.SizeOf<MknodIn>());
        Assert.Equal(8, Unsafe.SizeOf<MkdirIn>());
        Assert.Equal(8, Unsafe.SizeOf<RenameIn>());
        Assert.Equal(16, Unsafe.SizeOf<Rename2In>());
        Assert.Equal(8, Unsafe.SizeOf<LinkIn>());
        Assert.Equal(8, Unsafe.SizeOf<OpenIn>());
        Assert.Equal(16, Unsafe.SizeOf<CreateIn>());
        Assert.Equal(40, Unsafe.SizeOf<ReadIn>());
        Assert.Equal(40, Unsafe.SizeOf<WriteIn>());
        Assert.Equal(8, Unsafe.SizeOf<WriteOut>());
        Assert.Equal(80, Unsafe.SizeOf<StatfsOut>());
        Assert.Equal(24, Unsafe.SizeOf<ReleaseIn>());
        Assert.Equal(24, Unsafe.SizeOf<FlushIn>());
        Assert.Equal(16, Unsafe.SizeOf<FsyncIn>());
        Assert.Equal(16, Unsafe.SizeOf<SetxattrIn>());
        Assert.Equal(8, Unsafe.SizeOf<GetxattrIn>());
        Assert.Equal(8, Unsafe.SizeOf<GetxattrOut>());
        Assert.Equal(24, Unsafe.SizeOf<FileLock>());
        Assert.Equal(48, Unsafe.SizeOf<LockIn>());
        Assert.Equal(24, Unsafe.SizeOf<LockOut>());
        Assert.Equal(8, Unsafe.SizeOf<AccessIn>());
        Assert.Equal(64, Unsafe.SizeOf<InitIn>());
        Assert.Equal(64, Unsafe.SizeOf<InitOut>());
        Assert.Equal(8, Unsafe.SizeOf<InterruptIn>());
        Assert.Equal(16, Unsafe.SizeOf<BmapIn>());
        Assert.Equal(8, Unsafe.SizeOf<BmapOut>());
        Assert.Equal(32, Unsafe.SizeOf<IoctlIn>());
        Assert.Equal(16, Unsafe.SizeOf<IoctlOut>());
        Assert.Equal(24, Unsafe.SizeOf<PollIn>());
        Assert.Equal(8, Unsafe.SizeOf<PollOut>());
        Assert.Equal(32, Unsafe.SizeOf<FallocateIn>());
        Assert.Equal(24, Unsafe.SizeOf<LseekIn>());
        Assert.Equal(8, Unsafe.SizeOf<LseekOut>());
        Assert.Equal(56, Unsafe.SizeOf<CopyFileRangeIn>());
        Assert.Equal(8, Unsafe.SizeOf<CopyFileRangeOut>());
        Assert.Equal(8, Unsafe.SizeOf<SyncfsIn>());
        Assert.Equal(24, Unsafe.SizeOf<StatxIn>());
        Assert.Equal(256, Unsafe.SizeOf<StatxAttributes>());
        Assert.Equal(288, Unsafe.SizeOf<StatxOut>());
        Assert.Equal(24, Unsafe.SizeOf<Dirent>());
        Assert.Equal(152, Unsafe.SizeOf<DirentPlus>());
        Assert.Equal(8, Unsafe.SizeOf<NotifyPollOut>());
        Assert.Equal(24, Unsafe.SizeOf<NotifyInvalInodeOut>());
        Assert.Equal(16, Unsafe.SizeOf<NotifyInvalEntryOut>());
        Assert.Equal(24, Unsafe.SizeOf<NotifyDeleteOut>());
        Assert.Equal(24, Unsafe.SizeOf<NotifyStoreOut>());
    }

    [Fact]
    public void Fields_stand_where_the_kernel_has_them()
    {
        Assert.Equal(8, Offset<InHeader>(nameof(InHeader.Unique)));
        Assert.Equal(16, Offset<InHeader>(nameof(InHeader.Node)));
        Assert.Equal(32, Offset<InHeader>(nameof(InHeader.Pid)));
        Assert.Equal(36, Offset<InHeader>(nameof(InHeader.ExtensionUnits)));
        Assert.Equal(48, Offset<FuseAttributes>(nameof(FuseAttributes.AccessNanoseconds)));
        Assert.Equal(60, Offset<FuseAttributes>(nameof(FuseAttributes.Mode)));
        Assert.Equal(80, Offset<FuseAttributes>(nameof(FuseAttributes.BlockSize)));
        Assert.Equal(32, Offset<EntryOut>(nameof(EntryOut.EntryNanoseconds)));
        Assert.Equal(40, Offset<EntryOut>(nameof(EntryOut.Attributes)));
        Assert.Equal(16, Offset<AttrOut>(nameof(AttrOut.Attributes)));
        Assert.Equal(12, Offset<OpenOut>(nameof(OpenOut.BackingId)));
        Assert.Equal(56, Offset<SetattrIn>(nameof(SetattrIn.AccessNanoseconds)));
        Assert.Equal(68, Offset<SetattrIn>(nameof(SetattrIn.Mode)));
        Assert.Equal(76, Offset<SetattrIn>(nameof(SetattrIn.Uid)));
        Assert.Equal(40, Offset<StatfsOut>(nameof(StatfsOut.BlockSize)));
        Assert.Equal(40, Offset<LockIn>(nameof(LockIn.LockFlags)));
        Assert.Equal(16, Offset<InitIn>(nameof(InitIn.Flags2)));
        Assert.Equal(16, Offset<InitOut>(nameof(InitOut.MaxBackground)));
        Assert.Equal(20, Offset<InitOut>(nameof(InitOut.MaxWrite)));
        Assert.Equal(28, Offset<InitOut>(nameof(InitOut.MaxPages)));
        Assert.Equal(32, Offset<InitOut>(nameof(InitOut.Flags2)));
        Assert.Equal(36, Offset<InitOut>(nameof(InitOut.MaxStackDepth)));
        Assert.Equal(40, Offset<InitOut>(nameof(InitOut.RequestTimeout)));
        Assert.Equal(32, Offset<StatxAttributes>(nameof(StatxAttributes.Inode)));
        Assert.Equal(64, Offset<StatxAttributes>(nameof(StatxAttributes.AccessTime)));
        Assert.Equal(80, Offset<StatxAttributes>(nameof(StatxAttributes.BirthTime)));
        Assert.Equal(128, Offset<StatxAttributes>(nameof(StatxAttributes.DeviceMajor)));
        Assert.Equal(32, Offset<StatxOut>(nameof(StatxOut.Attributes)));
        Assert.Equal(128, Offset<DirentPlus>(nameof(DirentPlus.Dirent)));
        Assert.Equal(16, Offset<Dirent>(nameof(Dirent.NameLength)));
    }

    [Theory]
    [InlineData(8, 1, 0x801u)]
    [InlineData(259, 0, 0x10300u)]
    [InlineData(1, 300, 0x10012cu)]
    public void Device_numbers_are_packed_as_the_kernel_packs_them(uint major, uint minor, uint expected) =>
        Assert.Equal(expected, FuseAttributes.DeviceNumber(major, minor));

    [Fact]
    public void Each_operation_of_the_protocol_has_its_argument_size()
    {
        foreach (var opcode in Enum.GetValues<FuseOpcode>())
        {
            var isUnused = opcode is FuseOpcode.None or FuseOpcode.SetupMapping or FuseOpcode.RemoveMapping;
            Assert.Equal(isUnused, FuseProtocol.ArgumentSize(opcode, true) < 0);
        }
    }

    static int Offset<T>(string field) => (int)Marshal.OffsetOf<T>(field);
}
