using Vt.Posix.Mounts;

namespace Vt.Tests.Posix.Mounts;

public sealed class MountTableTests
{
    [Fact]
    public void A_line_is_read_with_its_escapes()
    {
        var entry = MountTable.Parse(@"42 27 0:39 / /mnt/a\040b\134c rw,nosuid shared:5 master:1 - fuse.vt my\054store rw,user_id=0");
        Assert.NotNull(entry);
        Assert.Equal((42, 0u, 39u), (entry.Id, entry.Major, entry.Minor));
        Assert.Equal(@"/mnt/a b\c", entry.MountPoint);
        Assert.Equal("rw,nosuid", entry.Options);
        Assert.Equal("fuse.vt", entry.Type);
        Assert.Equal("my,store", entry.Source);
        Assert.Equal("rw,user_id=0", entry.SuperOptions);
    }

    [Theory]
    [InlineData("")]
    [InlineData("42 27 0:39 / /mnt rw")]
    [InlineData("x 27 0:39 / /mnt rw - fuse a rw")]
    [InlineData("42 27 039 / /mnt rw - fuse a rw")]
    public void What_is_not_a_line_is_passed_over(string line) => Assert.Null(MountTable.Parse(line));

    [Fact]
    public void The_root_is_mounted() => Assert.NotNull(MountTable.FindTop("/"));
}
