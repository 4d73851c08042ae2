using System.Text;
using Vt.Files.Journal;
using Vt.Posix;
using Vt.Posix.Mounts;
using Vt.Tests.Support;

namespace Vt.Tests.Files.Journal;

/// <summary>What a log does where the disk is full.</summary>
public sealed class LogRoomTests : IDisposable
{
    readonly LogFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Records_that_find_no_room_are_refused_and_those_before_stay() =>
        await FillAsync(_folder.Path, LogFolder.Small with { Limit = 400 << 10 });

    [RootFact]
    public async Task Records_that_find_no_room_on_the_disk_are_refused_and_those_before_stay()
    {
        var folder = Directory.CreateDirectory(_folder["disk"]).FullName;
        Assert.Equal(Errno.OK, MountCalls.TryMount("vt-test", folder, "tmpfs", default, "size=1m"));
        try
        {
            await FillAsync(folder, LogFolder.Small);
        }
        finally
        {
            Assert.Equal(Errno.OK, MountCalls.TryUnmount(folder, default));
        }
    }

    async Task FillAsync(string folder, LiveLogOptions options)
    {
        var taken = 0;
        await using (var log = _folder.Open(options, folder: folder))
        {
            var full = Assert.Throws<PosixException>(() =>
            {
                for (; taken < 100_000; taken++)
                    log.Append(Encoding.UTF8.GetBytes($"record {taken}"), new byte[500], out _);
            });
            Assert.Equal(Errno.ENOSPC, full.Error);
            Assert.Equal(taken, log.LastSequence);
            var isFull = Assert.Throws<PosixException>(() =>
            {
                for (var i = 0; i < 1000; i++)
                    log.WriteBulk(new byte[60000], out _);
            });
            Assert.Equal(Errno.ENOSPC, isFull.Error);
            await log.CommitAsync(log.LastSequence);
        }

        await using (var log = _folder.Open(options with { Limit = long.MaxValue }, folder: _folder.Copy(folder)))
            Assert.Equal(Enumerable.Range(0, taken).Select(i => $"record {i}"), _folder.Replayed.Select(r => r.Split(':')[0]));
    }
}
