using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Files.Journal;
using Vt.Posix;
using Vt.Tests.Support;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Tests.Files.Journal;

public sealed class LiveFolderTests : IDisposable
{
    static readonly Guid _id = Guid.Parse("b7ee3df8-3a4b-4b87-9e5a-62d1a2f0c001");
    static readonly Dirent _root = new() { Kind = DirentKind.Directory, Content = BlockRef.Empty };

    static readonly LiveState _full = new()
    {
        ArchiveId = _id,
        ArchivePath = "/home/ann/a b\"\udcff.vt",
        Base = _root,
        FirstEpoch = 17,
        Pending = new ArchiveState(new Timestamp(1795260815, 929252900), TimeSpan.FromMinutes(-150), _root),
    };

    readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    string Path => _temp["a.vt.live"];

    LiveFolder Open(Guid? id = null, WriteBoundary? boundary = null) => LiveFolder.Open(Path, id ?? _id, "a.vt", boundary);

    [Fact]
    public void A_new_folder_is_for_its_owner_alone_and_has_no_state()
    {
        using var folder = Open();
        Assert.Null(folder.Read());
        Assert.Equal(0x1c0u, PosixFile.Stat(Path).Mode & 0xfff);
    }

    [Fact]
    public void A_state_comes_back_as_it_was_written()
    {
        var empty = new LiveState { ArchiveId = _id, ArchivePath = "", FirstEpoch = 0 };
        using (var folder = Open())
        {
            folder.Write(empty);
            Assert.Equal(empty, folder.Read());
            folder.Write(_full);
        }

        using (var folder = Open())
            Assert.Equal(_full, folder.Read());
    }

    [Fact]
    public void A_second_mount_is_told_who_has_the_folder()
    {
        using var folder = Open();
        var refusal = Assert.Throws<UserErrorException>(() => Open());
        Assert.Equal($"a.vt is mounted for writing already, by process {Environment.ProcessId}", refusal.Message);
    }

    [Fact]
    public void A_folder_of_another_archive_is_refused_and_names_it()
    {
        using (var folder = Open())
            folder.Write(_full);
        var refusal = Assert.Throws<UserErrorException>(() => Open(Guid.NewGuid()));
        Assert.Contains("belongs to another archive, /home/ann/", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_version_is_refused_by_its_number()
    {
        using (Open())
        {
        }

        var text = "vt live 2\nsomething = new\n";
        File.WriteAllText(System.IO.Path.Combine(Path, "state"), $"{text}check = {Vt.Blocks.Encoding.Crc32C.Compute(Encoding.ASCII.GetBytes(text)):x8}\n");
        Assert.Contains("version 2", Assert.Throws<UserErrorException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_flipped_bit_and_every_cut_of_a_state_is_noticed()
    {
        var bytes = _full.ToBytes();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<FormatInvalidException>(() => LiveState.Parse(bytes));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<FormatInvalidException>(() => LiveState.Parse(bytes.AsSpan(0, length).ToArray()));
        Assert.Equal(_full, LiveState.Parse(bytes));
    }

    [Fact]
    public void A_damaged_state_is_reported_with_its_file()
    {
        using (var folder = Open())
            folder.Write(_full);
        var path = System.IO.Path.Combine(Path, "state");
        File.WriteAllText(path, File.ReadAllText(path).Replace("17", "18", StringComparison.Ordinal));
        Assert.Equal(path, Assert.Throws<FormatInvalidException>(() => Open()).File);
    }

    [Fact]
    public async Task A_lost_state_is_not_taken_for_a_new_folder_where_there_is_a_log()
    {
        using (var folder = Open())
            folder.Write(_full);
        await using (LiveLog.Open(Path, 17, LogFolder.Small, static (LiveLog _, in LogRecord _) => true))
        {
        }

        File.Delete(System.IO.Path.Combine(Path, "state"));
        Assert.Contains("missing", Assert.Throws<FormatInvalidException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_crash_at_any_change_leaves_the_old_state_or_the_new()
    {
        var before = _full with { FirstEpoch = 1 };
        using (var folder = Open())
            folder.Write(before);
        for (var alive = 0; ; alive++)
        {
            var left = alive;
            try
            {
                using var folder = Open(boundary: new WriteBoundary((_, path, _) =>
                {
                    if (left-- == 0)
                        throw new IOException("died");
                }));
                folder.Write(_full);
                break;
            }
            catch (IOException)
            {
                using var folder = Open();
                Assert.Contains(folder.Read(), new[] { before, _full });
            }
        }

        using var last = Open();
        Assert.Equal(_full, last.Read());
    }
}
