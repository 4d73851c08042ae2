using System.Buffers;
using Vt.Posix;
using Vt.Tests.Support;

namespace Vt.Tests.Posix;

/// <summary>Who lists a directory has a buffer, and gives it back once.</summary>
public sealed class DirectoryListingTests : IDisposable
{
    const int BufferSize = 64 * 1024;

    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_listing_that_is_disposed_after_a_loop_gives_its_buffer_back_once()
    {
        using var directory = OpenFolder();
        var names = new List<string>();
        using (var listing = new DirectoryListing(directory))
        {
            foreach (var entry in listing)
                names.Add(PathText.Of(entry.Name));
        }

        Assert.Equal(["a", "b"], names.Order(StringComparer.Ordinal));
        AssertPoolIsWhole();
    }

    [Fact]
    public void A_listing_whose_names_were_taken_can_not_be_looped_over()
    {
        using var directory = OpenFolder();
        Assert.Throws<InvalidOperationException>(() =>
        {
            using var listing = new DirectoryListing(directory);
            Assert.True(listing.MoveNext());
            foreach (var entry in listing)
                Assert.Fail(PathText.Of(entry.Name));
        });
        AssertPoolIsWhole();
    }

    [Fact]
    public void A_listing_that_was_disposed_has_no_names()
    {
        using var directory = OpenFolder();
        Assert.Throws<ObjectDisposedException>(() =>
        {
            var listing = new DirectoryListing(directory);
            listing.Dispose();
            listing.MoveNext();
        });
        AssertPoolIsWhole();
    }

    // What was given back twice is rented to two.
    static void AssertPoolIsWhole()
    {
        var first = ArrayPool<byte>.Shared.Rent(BufferSize);
        var second = ArrayPool<byte>.Shared.Rent(BufferSize);
        Assert.NotSame(first, second);
        ArrayPool<byte>.Shared.Return(first);
        ArrayPool<byte>.Shared.Return(second);
    }

    FileDescriptor OpenFolder()
    {
        _folder.Make("list/a");
        _folder.Make("list/b");
        return PosixFile.Open(_folder["list"], OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    }
}
