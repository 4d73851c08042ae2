using Vt.Posix;
using Vt.Tests.Support;
using Vt.Trees.Archives;

namespace Vt.Tests.Trees.Archives;

/// <summary>Who may have an archive beside whom.</summary>
public sealed class ArchiveHoldTests
{
    [Theory]
    [InlineData(LockKind.Exclusive, LockKind.Exclusive, false)]
    [InlineData(LockKind.Exclusive, LockKind.Shared, false)]
    [InlineData(LockKind.Shared, LockKind.Exclusive, false)]
    [InlineData(LockKind.Shared, LockKind.Shared, true)]
    public void One_writes_alone_or_several_import(LockKind first, LockKind second, bool isPossible)
    {
        using var temp = new TempFolder();
        var path = temp["a.vt"];
        using (ArchiveHold.TryTake(path, first, out _))
        {
            using var hold = ArchiveHold.TryTake(path, second, out var holder);
            Assert.Equal(isPossible, hold is not null);
            if (!isPossible)
                Assert.Equal((Environment.ProcessId, first), holder);
        }

        using var later = ArchiveHold.TryTake(path, second, out _);
        Assert.NotNull(later);
    }

    [Fact]
    public void Who_is_about_to_let_go_says_so_until_it_has()
    {
        using var temp = new TempFolder();
        var path = temp["a.vt"];
        Assert.False(ArchiveHold.IsEnding(path));
        using (var hold = ArchiveHold.TryTake(path, LockKind.Exclusive, out _)!)
        {
            Assert.False(ArchiveHold.IsEnding(path));
            hold.SayEnding();
            Assert.True(ArchiveHold.IsEnding(path));
        }

        Assert.False(ArchiveHold.IsEnding(path));
    }

    [Fact]
    public void An_archive_that_was_replaced_is_another()
    {
        using var temp = new TempFolder();
        using var hold = ArchiveHold.TryTake(temp["a.vt"], LockKind.Exclusive, out _);
        File.WriteAllText(temp["new"], "");
        File.Move(temp["new"], temp["a.vt"], overwrite: true);
        using var other = ArchiveHold.TryTake(temp["a.vt"], LockKind.Exclusive, out _);
        Assert.NotNull(other);
    }
}
