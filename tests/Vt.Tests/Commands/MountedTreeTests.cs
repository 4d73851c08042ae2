using System.Text;
using Vt.Blocks.Contracts;
using Vt.Mounts;
using Vt.References;
using Vt.Stores.Memory;
using Vt.Tests.Support;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Tests.Commands;

/// <summary>Which tree a mount shows for what is said on its command line.</summary>
public sealed class MountedTreeTests : IAsyncDisposable
{
    readonly TempFolder _folder = new();
    readonly MemoryStore _store = new();
    readonly List<Dirent> _roots = [];
    readonly DirectoryReader _reader;

    public MountedTreeTests() => _reader = new DirectoryReader(_store, new DirectoryNodeCache());

    string Archive => _folder["a.vt"];

    public async ValueTask DisposeAsync()
    {
        _folder.Dispose();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task An_archive_is_its_last_state_and_a_date_the_state_of_that_moment()
    {
        var archive = await MakeAsync("first", "second", "third");
        var second = archive.ReadAll().States[1].Date;
        Assert.Equal("third", await NotesAsync((await FindAsync(Archive)).Root));
        Assert.Equal("second", await NotesAsync((await FindAsync($"{Archive}@{second:yyyy-MM-dd'T'HH:mm:ss.fffffffzzz}")).Root));
        await Assert.ThrowsAsync<UserErrorException>(async () => await FindAsync($"{Archive}@1990-01-01"));
    }

    [Fact]
    public async Task A_path_in_an_archive_is_mounted_as_a_root_and_keeps_its_history()
    {
        await MakeAsync("first", "second");
        var tree = await FindAsync(Archive + "/sub");
        Assert.NotNull(await _reader.LookupAsync(tree.Root.Content, "deep"u8.ToArray()));
        Assert.Equal(_roots[^1].Inodes, tree.Root.Inodes);

        // "sub" is the same in both states, so it has no earlier version; the root has.
        Assert.Null(await tree.Earlier!(default, tree.Root, default));
        var whole = await FindAsync(Archive);
        Assert.Equal(_roots[0].Content, (await whole.Earlier!(default, whole.Root, default))!.Content);
        Assert.Null(await whole.Earlier("gone"u8.ToArray(), whole.Root, default));
    }

    [Fact]
    public async Task Text_references_have_no_history()
    {
        await MakeAsync("first");
        var tree = await FindAsync(_roots[0].ToString());
        Assert.Equal("first", await NotesAsync(tree.Root));
        Assert.Null(tree.Earlier);
    }

    [Fact]
    public async Task All_states_are_folders_named_by_their_dates()
    {
        var archive = await MakeAsync("first", "second", "third");
        await using var listing = new MemoryStore();
        var tree = await MountedTree.ListStatesAsync(archive, listing, default);
        var notes = new List<string>();
        await foreach (var page in tree.RootReader!.ReadPagesAsync(tree.Root.Content))
        {
            for (var i = 0; i < page.Count; i++)
            {
                Assert.StartsWith(archive.ReadAll().States[0].Date.ToString("yyyy-MM-dd'T'HH", System.Globalization.CultureInfo.InvariantCulture)[..10], Encoding.ASCII.GetString(page.NameAt(i).Span), StringComparison.Ordinal);
                notes.Add(await NotesAsync(page.DirentAt(i)));
            }
        }

        Assert.Equal(["first", "second", "third"], notes.Order());
        Assert.Equal(5u, tree.Root.Metadata.LinkCount);
    }

    [Fact]
    public async Task An_archive_without_states_lists_none()
    {
        await using var listing = new MemoryStore();
        File.WriteAllText(Archive, "");
        var tree = await MountedTree.ListStatesAsync(new ArchiveFile(Archive, TimeProvider.System), listing, default);
        Assert.Equal(0, tree.Root.Content.Span);
    }

    [Theory]
    [InlineData("a.vt", "a.vt", "")]
    [InlineData("a.vt/", "a.vt", "")]
    [InlineData("a.vt/x/y/", "a.vt", "x/y")]
    [InlineData("/d/a.vt//x", "/d/a.vt", "x")]
    [InlineData("a.vt.vt/x", "a.vt.vt", "x")]
    [InlineData("a.vtx/b.vt/c.vt", "a.vtx/b.vt", "c.vt")]
    [InlineData("d/.vt/b.vt", "d/.vt/b.vt", "")]
    public void A_place_in_an_archive_is_read(string text, string archive, string path)
    {
        var place = ArchivePlace.Parse(text);
        Assert.Equal((archive, path), (place.Archive, Encoding.UTF8.GetString(place.Path.Span)));
    }

    [Fact]
    public void A_folder_that_is_named_like_an_archive_is_a_folder()
    {
        var folder = _folder.Make("folder.vt");
        Assert.Equal($"{folder}/b.vt", ArchivePlace.Parse($"{folder}/b.vt/x").Archive);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData(".vt")]
    [InlineData("x/.vt")]
    [InlineData("a.vtx")]
    public void What_names_no_archive_is_refused(string text) => Assert.Throws<UserErrorException>(() => ArchivePlace.Parse(text));

    ValueTask<MountedTree> FindAsync(string text) => MountedTree.FindAsync(RootReference.Parse(text), _reader, TimeProvider.System, default);

    async Task<ArchiveFile> MakeAsync(params string[] notes)
    {
        var archive = new ArchiveFile(Archive, TimeProvider.System);
        foreach (var note in notes)
        {
            _roots.Add(await StoredTree.StoreAsync(_store, note));
            await archive.AppendAsync(_roots[^1], null);
        }

        return archive;
    }

    async Task<string> NotesAsync(Dirent root)
    {
        var file = await _reader.LookupAsync(root.Content, "notes.txt"u8.ToArray());
        return Encoding.UTF8.GetString(file!.Content.LiteralBytes.Span);
    }
}
