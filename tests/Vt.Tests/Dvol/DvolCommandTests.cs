using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Vt.Tests.Dvol;

/// <summary>The command line of dvol as its own tests had it, row by row; traits name the lines of its to-do list (A7) and of its first description (A8).</summary>
public sealed class DvolCommandTests : IDisposable
{
    const string Header = "  VOLUME   BRANCH   CONTAINERS\n";

    readonly DvolRun _dvol = new();

    public void Dispose() => _dvol.Dispose();

    static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    [Trait("A8", "lines 48, 83")]
    [Trait("A7", "line 11")]
    public async Task Init_makes_a_volume_with_a_master_branch_and_makes_it_current()
    {
        Assert.Equal("Created volume foo\nCreated branch foo/master\n", await _dvol.SucceedAsync("init", "foo"));
        Assert.Equal("  VOLUME   BRANCH   CONTAINERS\n* foo      master\n", await _dvol.SucceedAsync("list"));
        Assert.Equal("  VOLUME   BRANCH   CONTAINERS\n* foo      master\n", await _dvol.SucceedAsync("ls"));
        await _dvol.SucceedAsync("init", "frob_mysql");
        Assert.Equal("  VOLUME       BRANCH   CONTAINERS\n  foo          master\n* frob_mysql   master\n", await _dvol.SucceedAsync("list"));
    }

    [Fact]
    public async Task Init_refuses_a_name_that_is_there_or_is_none()
    {
        await _dvol.SucceedAsync("init", "foo");
        Assert.Equal("Error: volume foo already exists", await _dvol.FailAsync("init", "foo"));
        Assert.Equal("Error: foo/bar is not a valid name", await _dvol.FailAsync("init", "foo/bar"));
        Assert.Equal("Please specify a volume name.", await _dvol.FailAsync("init"));
        Assert.Equal("Wrong number of arguments.", await _dvol.FailAsync("init", "a", "b"));
        await _dvol.SucceedAsync("init", new string('a', 64));
    }

    [Fact]
    [Trait("A7", "line 70")]
    public async Task A_list_of_nothing_is_the_header()
    {
        Assert.Equal(Header, await _dvol.SucceedAsync("list"));
        Assert.Equal("Wrong number of arguments.", await _dvol.FailAsync("list", "foo"));
    }

    [Fact]
    public async Task Switch_makes_another_volume_current()
    {
        await _dvol.SucceedAsync("init", "foo");
        await _dvol.SucceedAsync("init", "bar");
        Assert.Equal("", await _dvol.SucceedAsync("switch", "foo"));
        Assert.Equal(Header + "  bar      master\n* foo      master\n", await _dvol.SucceedAsync("list"));
        Assert.Equal("Error: nobody does not exist", await _dvol.FailAsync("switch", "nobody"));
        await _dvol.SucceedAsync("init", "baz");
        Assert.Contains("* baz", await _dvol.SucceedAsync("list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_volume_is_listed_with_the_branch_that_is_checked_out_of_it()
    {
        foreach (var (name, branch) in new[] { ("a", "one"), ("b", "master"), ("c", "three") })
        {
            await _dvol.SucceedAsync("init", name);
            await _dvol.SucceedAsync("commit", "-m", "first");
            if (branch != "master")
                await _dvol.SucceedAsync("checkout", "-b", branch);
        }

        Assert.Equal(Header + "  a        one\n  b        master\n* c        three\n", await _dvol.SucceedAsync("list"));
        Assert.Equal(Header + "  b        master\n", await _dvol.SucceedAsync("list", "--volume", "b"));
    }

    [Fact]
    public async Task After_the_current_volume_is_gone_none_is_current()
    {
        await _dvol.SucceedAsync("init", "foo");
        await _dvol.SucceedAsync("init", "bar");
        await _dvol.SucceedAsync("rm", "-f", "bar");
        Assert.Equal(Header + "  foo      master\n", await _dvol.SucceedAsync("list"));
        Assert.Equal("No active volume: use dvol switch to choose one", await _dvol.FailAsync("log"));
    }

    [Fact]
    [Trait("A8", "lines 60, 85, 87")]
    public async Task Commit_prints_the_id_alone_and_keeps_what_is_there()
    {
        await _dvol.SucceedAsync("init", "foo");
        await _dvol.WriteAsync("foo", "file.txt", Bytes("hello!"));
        Assert.Equal("You must provide a commit message", await _dvol.FailAsync("commit"));
        var id = await _dvol.SucceedAsync("commit", "-m", "hello");
        Assert.Matches("^[0-9a-f]{40}\n$", id);
        await _dvol.WriteAsync("foo", "file.txt", Bytes("other"));
        Assert.Equal("hello!", await _dvol.VtAsync("cat", $"{id.Trim()}/file.txt"));
        Assert.Matches("^[0-9a-f]{40}\n$", await _dvol.SucceedAsync("commit", "--message=Hello again", "foo"));
        Assert.Equal("Error: nobody does not exist", await _dvol.FailAsync("commit", "-m", "x", "nobody"));
        Assert.Equal("Wrong number of arguments.", await _dvol.FailAsync("commit", "-m", "x", "foo", "bar"));
    }

    [Fact]
    [Trait("A7", "lines 15, 76")]
    [Trait("A8", "lines 83-84, 85")]
    public async Task The_log_shows_who_when_and_why_the_newest_first_and_of_a_fresh_volume_nothing()
    {
        await _dvol.SucceedAsync("init", "foo");
        Assert.Equal("", await _dvol.SucceedAsync("log"));
        var one = (await _dvol.SucceedAsync("commit", "-m", "one")).Trim();
        var two = (await _dvol.SucceedAsync("commit", "-m", "two\n\nlines")).Trim();
        Assert.Matches(
            $"^commit {two}\nAuthor: Ann <ann@example.org>\nDate: [-0-9T:+ ]+\n\n    two\n\n    lines\n\ncommit {one}\nAuthor: Ann <ann@example.org>\nDate: [-0-9T:+ ]+\n\n    one\n\n$",
            await _dvol.SucceedAsync("log", "foo"));
    }

    [Theory]
    [Trait("A7", "line 24")]
    [InlineData("two words")]
    [InlineData("größer \"als\" 'alles' 王")]
    [InlineData("-leading dash")]
    public async Task Messages_survive(string message)
    {
        await _dvol.SucceedAsync("init", "foo");
        await _dvol.SucceedAsync("commit", "-m", message);
        Assert.Contains($"\n    {message}\n", await _dvol.SucceedAsync("log"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("A7", "line 24")]
    public void Any_ascii_message_and_any_content_is_committed_and_branched_from()
    {
        Prop.ForAll(
            Gen.Choose(1, 127).Select(static c => (char)c).NonEmptyListOf().Select(static list => string.Concat(list)).ToArbitrary(),
            ArbMap.Default.GeneratorFor<byte[]>().ToArbitrary(),
            (message, content) => CheckAsync(message, content).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(6));

        static async Task<bool> CheckAsync(string message, byte[] content)
        {
            using var dvol = new DvolRun();
            await dvol.SucceedAsync("init", "foo");
            await dvol.WriteAsync("foo", "file", content);
            var id = (await dvol.SucceedAsync("commit", "-m", message)).Trim();
            await dvol.SucceedAsync("checkout", "-b", "newbranch");
            Assert.Equal("  master\n* newbranch\n", await dvol.SucceedAsync("branch"));
            await dvol.VtAsync("cat", $"{id}/file");
            return dvol.Program.Output.AsSpan().SequenceEqual(content);
        }
    }

    [Fact]
    [Trait("A7", "lines 78, 99, 101")]
    [Trait("A8", "lines 74-76")]
    public async Task Reset_goes_back_to_HEAD_to_what_was_before_it_and_to_a_commit_by_its_digits()
    {
        await _dvol.SucceedAsync("init", "foo");
        var ids = new List<string>();
        foreach (var text in new[] { "one", "two", "three" })
        {
            await _dvol.WriteAsync("foo", "file", Bytes(text));
            ids.Add((await _dvol.SucceedAsync("commit", "-m", text)).Trim());
        }

        await _dvol.WriteAsync("foo", "file", Bytes("dirty"));
        Assert.StartsWith("Please specify --hard", await _dvol.FailAsync("reset", "HEAD"), StringComparison.Ordinal);
        Assert.Equal("", await _dvol.SucceedAsync("reset", "--hard", "HEAD", "foo"));
        Assert.Equal("three", await _dvol.ReadAsync("foo", "file"));
        await _dvol.SucceedAsync("reset", "--hard", "HEAD^");
        Assert.Equal("two", await _dvol.ReadAsync("foo", "file"));
        var log = await _dvol.SucceedAsync("log");
        Assert.DoesNotContain(ids[2], log, StringComparison.Ordinal);
        Assert.Contains(ids[1], log, StringComparison.Ordinal);
        await _dvol.SucceedAsync("reset", "--hard", ids[1] + "^");
        Assert.Equal("one", await _dvol.ReadAsync("foo", "file"));
        await _dvol.SucceedAsync("reset", "--hard", ids[2]);
        Assert.Equal("three", await _dvol.ReadAsync("foo", "file"));
        await _dvol.SucceedAsync("reset", "--hard", ids[0][..10]);
        Assert.Equal("one", await _dvol.ReadAsync("foo", "file"));
        Assert.StartsWith("Malformed commit identifier", await _dvol.FailAsync("reset", "--hard", "HEAD~1"), StringComparison.Ordinal);
        Assert.Equal("Referenced commit does not exist; check dvol log", await _dvol.FailAsync("reset", "--hard", "HEAD^^^"));
        Assert.Equal("Referenced commit does not exist; check dvol log", await _dvol.FailAsync("reset", "--hard", "0123456789"));
    }

    [Fact]
    [Trait("A7", "line 28")]
    public async Task A_fresh_volume_can_be_reset_and_branched_from()
    {
        await _dvol.SucceedAsync("init", "foo");
        await _dvol.WriteAsync("foo", "file", Bytes("dirty"));
        await _dvol.SucceedAsync("reset", "--hard", "HEAD");
        Assert.Equal("", await _dvol.VtAsync("ls", "foo"));
        await _dvol.SucceedAsync("checkout", "-b", "other");
        await _dvol.SucceedAsync("init", "bare", "--no-commit");
        Assert.Equal("No commits made on this variant yet", await _dvol.FailAsync("checkout", "-b", "other"));
        Assert.Equal("Referenced commit does not exist; check dvol log", await _dvol.FailAsync("reset", "--hard", "HEAD"));
        Assert.Equal("", await _dvol.SucceedAsync("log"));
    }

    [Fact]
    [Trait("A7", "lines 3, 4, 5, 6, 72-74")]
    [Trait("A8", "lines 87-90")]
    public async Task A_branch_begins_with_the_last_commit_and_what_is_not_committed_stays_behind()
    {
        await _dvol.SucceedAsync("init", "foo");
        await _dvol.WriteAsync("foo", "file", Bytes("committed"));
        var id = (await _dvol.SucceedAsync("commit", "-m", "one")).Trim();
        await _dvol.WriteAsync("foo", "file", Bytes("dirty"));
        Assert.Equal("* master\n", await _dvol.SucceedAsync("branch"));
        Assert.Equal("", await _dvol.SucceedAsync("checkout", "-b", "alpha"));
        Assert.Equal("* alpha\n  master\n", await _dvol.SucceedAsync("branch"));
        Assert.Equal("committed", await _dvol.ReadAsync("foo", "file", "alpha"));
        Assert.Contains(id, await _dvol.SucceedAsync("log"), StringComparison.Ordinal);
        await _dvol.SucceedAsync("checkout", "master");
        Assert.Equal("dirty", await _dvol.ReadAsync("foo", "file"));
        Assert.Equal("Cannot create existing branch alpha", await _dvol.FailAsync("checkout", "-b", "alpha"));
        Assert.Equal("Cannot switch to a non-existing branch nobody", await _dvol.FailAsync("checkout", "nobody"));
    }

    [Fact]
    [Trait("A7", "line 101")]
    public async Task A_reset_leaves_the_commits_of_other_branches()
    {
        await _dvol.SucceedAsync("init", "foo");
        await _dvol.SucceedAsync("commit", "-m", "one");
        await _dvol.WriteAsync("foo", "file", Bytes("two"));
        var two = (await _dvol.SucceedAsync("commit", "-m", "two")).Trim();
        await _dvol.SucceedAsync("checkout", "-b", "other");
        await _dvol.SucceedAsync("checkout", "master");
        await _dvol.SucceedAsync("reset", "--hard", "HEAD^");
        Assert.DoesNotContain(two, await _dvol.SucceedAsync("log"), StringComparison.Ordinal);
        Assert.Contains(two, await _dvol.SucceedAsync("log", "--branch", "other"), StringComparison.Ordinal);
        await _dvol.SucceedAsync("checkout", "other");
        Assert.Equal("two", await _dvol.ReadAsync("foo", "file", "other"));
    }

    [Fact]
    [Trait("A7", "line 7")]
    public async Task A_branch_is_deleted_after_it_was_confirmed_and_never_the_current_one()
    {
        await _dvol.SucceedAsync("init", "foo");
        await _dvol.SucceedAsync("commit", "-m", "one");
        await _dvol.SucceedAsync("checkout", "-b", "alpha");
        Assert.Equal("Cannot delete current branch alpha, use 'dvol checkout' to switch branches first", await _dvol.FailAsync("branch", "-d", "alpha"));
        Assert.Equal("Branch 'nobody' does not exist", await _dvol.FailAsync("branch", "-d", "nobody"));
        _dvol.Program.Input = Bytes("n\n");
        Assert.Equal("Are you sure? (y/n): Aborting.\n", await _dvol.SucceedAsync("branch", "-d", "master"));
        Assert.Equal("* alpha\n  master\n", await _dvol.SucceedAsync("branch"));
        _dvol.Program.Input = Bytes("y\n");
        Assert.Equal("Are you sure? (y/n): Deleting branch 'master'\n", await _dvol.SucceedAsync("branch", "-d", "master"));
        Assert.Equal("* alpha\n", await _dvol.SucceedAsync("branch"));
        await _dvol.SucceedAsync("checkout", "-b", "beta");
        await _dvol.WriteAsync("foo", "file", Bytes("dirty"), "alpha");
        Assert.Equal("Deleting branch 'alpha'\n", await _dvol.SucceedAsync("branch", "-d", "-f", "alpha"));
    }

    [Fact]
    [Trait("A7", "line 36")]
    public async Task A_volume_is_removed_after_it_was_confirmed()
    {
        await _dvol.SucceedAsync("init", "foo");
        _dvol.Program.Input = Bytes("n\n");
        Assert.Equal("Are you sure? This will remove all containers using the volume (y/n): Aborting.\n", await _dvol.SucceedAsync("rm", "foo"));
        Assert.Contains("foo", await _dvol.SucceedAsync("list"), StringComparison.Ordinal);
        _dvol.Program.Input = Bytes("y\n");
        Assert.Equal("Are you sure? This will remove all containers using the volume (y/n): Deleting volume 'foo'\n", await _dvol.SucceedAsync("rm", "foo"));
        Assert.Equal(Header, await _dvol.SucceedAsync("list"));
        await _dvol.SucceedAsync("init", "foo");
        Assert.Equal("Deleting volume 'foo'\n", await _dvol.SucceedAsync("rm", "-f", "foo"));
        Assert.Equal("Volume 'foo' does not exist, cannot remove it", await _dvol.FailAsync("rm", "-f", "foo"));
        Assert.Equal("Error: foo/bar is not a valid name", await _dvol.FailAsync("rm", "-f", "foo/bar"));
        Assert.Equal("Please specify a volume name.", await _dvol.FailAsync("rm", "-f"));
    }

    [Fact]
    [Trait("A7", "line 15")]
    public async Task Settings_are_set_shown_listed_and_used_by_commits()
    {
        Assert.Equal("", await _dvol.SucceedAsync("config", "user.name"));
        Assert.Equal("user.name=\nuser.email=\n", await _dvol.SucceedAsync("config", "--list"));
        await _dvol.SucceedAsync("config", "user.name", "Bob \"B\" Größer");
        await _dvol.SucceedAsync("config", "user.email", "bob@example.org");
        Assert.Equal("Bob \"B\" Größer\n", await _dvol.SucceedAsync("config", "user.name"));
        Assert.Equal("user.name=Bob \"B\" Größer\nuser.email=bob@example.org\n", await _dvol.SucceedAsync("config", "-l"));
        Assert.Equal(0x180u, Vt.Posix.PosixFile.Stat(Path.Combine(_dvol.Folder, "config.yml")).Permissions);
        Assert.Equal("'alias.co' is not a valid configuration key", await _dvol.FailAsync("config", "alias.co"));
        Assert.Equal("'alias.co' is not a valid configuration key", await _dvol.FailAsync("config", "alias.co", "x"));
        Assert.Equal("No operation specified", await _dvol.FailAsync("config"));
        Assert.Equal("Too many arguments", await _dvol.FailAsync("config", "user.name", "a", "b"));
        _dvol.Program["VT_AUTHOR"] = "";
        await _dvol.SucceedAsync("init", "foo");
        await _dvol.SucceedAsync("commit", "-m", "m");
        Assert.Contains("\nAuthor: Bob \"B\" Größer <bob@example.org>\n", await _dvol.SucceedAsync("log"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_nobody_has_named_is_told_how_to_say_it()
    {
        _dvol.Program["VT_AUTHOR"] = "";
        _dvol.Program["USER"] = "carol";
        await _dvol.SucceedAsync("init", "foo");
        Assert.Contains("dvol config user.name NAME", _dvol.Error, StringComparison.Ordinal);
        await _dvol.SucceedAsync("commit", "-m", "m");
        Assert.Contains("\nAuthor: carol <carol@", await _dvol.SucceedAsync("log"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("A7", "line 11")]
    public async Task Every_command_takes_a_volume_and_a_branch()
    {
        await _dvol.SucceedAsync("init", "foo");
        await _dvol.WriteAsync("foo", "file", Bytes("foo's"));
        var id = (await _dvol.SucceedAsync("commit", "-m", "foo's")).Trim();
        await _dvol.SucceedAsync("init", "bar", "--branch", "trunk");
        await _dvol.SucceedAsync("checkout", "-b", "alpha", "--volume=foo");
        Assert.Equal("* alpha\n  master\n", await _dvol.SucceedAsync("branch", "--volume", "foo"));
        Assert.Equal("* alpha\n  master\n", await _dvol.SucceedAsync("branch", "foo"));
        await _dvol.SucceedAsync("commit", "-m", "on master", "--volume", "foo", "--branch", "master");
        Assert.Contains("on master", await _dvol.SucceedAsync("log", "--volume", "foo", "--branch", "master"), StringComparison.Ordinal);
        Assert.DoesNotContain("on master", await _dvol.SucceedAsync("log", "foo"), StringComparison.Ordinal);
        await _dvol.SucceedAsync("reset", "--hard", id, "--volume", "foo", "--branch", "master");
        Assert.Equal("", await _dvol.SucceedAsync("log"));
        await _dvol.SucceedAsync("switch", "--volume", "foo");
        Assert.Contains("* foo", await _dvol.SucceedAsync("list"), StringComparison.Ordinal);
        Assert.Equal("Branch 'nobody' does not exist", await _dvol.FailAsync("log", "--branch", "nobody"));
        Assert.Contains("unknown flag", await _dvol.FailAsync("switch", "foo", "--branch", "master"), StringComparison.Ordinal);
        Assert.Contains("unknown flag", await _dvol.FailAsync("config", "-l", "--volume", "foo"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("A8", "lines 37-47")]
    public async Task The_help_names_every_command()
    {
        var help = await _dvol.SucceedAsync("--help");
        foreach (var command in new[] { "init", "list", "switch", "commit", "log", "reset", "branch", "checkout", "rm", "config", "seed" })
            Assert.Contains($"\n  {command}", help, StringComparison.Ordinal);
        Assert.Equal(help, await _dvol.SucceedAsync());
        Assert.Equal("unknown command \"frob\" for \"dvol\"", await _dvol.FailAsync("frob"));
        Assert.Equal("unknown flag: --frob", await _dvol.FailAsync("list", "--frob"));
        Assert.Equal("flag needs an argument: -m", await _dvol.FailAsync("commit", "-m"));
    }

    [Fact]
    [Trait("A8", "line 35")]
    public async Task Without_a_folder_the_volumes_are_those_of_vt()
    {
        using var dvol = new DvolRun(ownFolder: false);
        await dvol.SucceedAsync("init", "foo");
        Assert.Matches("\n[*] foo +master ", await dvol.VtAsync("volume", "list"));
        await dvol.VtAsync("volume", "init", "bar");
        Assert.Equal("  VOLUME   BRANCH   CONTAINERS\n* bar      main\n  foo      master\n", await dvol.SucceedAsync("list"));
        var id = (await dvol.SucceedAsync("commit", "-m", "one", "foo")).Trim();
        Assert.Contains(id, await dvol.VtAsync("log", "-V", "foo"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_environment_says_of_vts_volumes_means_nothing_to_a_folder()
    {
        await _dvol.SucceedAsync("init", "foo");
        _dvol.Program["VT_STORE"] = "/nowhere";
        _dvol.Program["VT_VOLUME"] = "bar";
        await _dvol.SucceedAsync("commit", "-m", "m");
        _dvol.Before = ["--pool", _dvol.Folder, "--disable-docker-integration"];
        Assert.Contains("\n* foo", await _dvol.SucceedAsync("list"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("db:\n  image: redis\n  volumes:\n    - \"moby:/data\"\n    - ./here:/there\n  volume_driver: dvol\n", "dvol", "moby", "redis", "/data")]
    [InlineData("# v2\nversion: '2'\nservices:\n  db:\n    image: \"mysql:5.7\"   # quoted\n    command: [\"a, b\", c]\n    volumes:\n    - db:/var/lib/mysql/:rw\n  web:\n    image: web\nvolumes:\n  db:\n    driver: vt\n", "vt", "db", "mysql:5.7", "/var/lib/mysql")]
    [InlineData("services:\n  db:\n    image: pg\n    volumes:\n      - type: volume\n        source: x\n        target: /d\nvolumes:\n  x:\n    driver: dvol\n    name: named\n", "dvol", "named", "pg", "/d")]
    [InlineData("x: &base\n  image: old\n  volume_driver: dvol\ndb:\n  <<: *base\n  image: new\n  volumes: [\"a:/b\"]\n", "dvol", "a", "new", "/b")]
    [InlineData("x: {a: &a {image: one}, b: &b {image: two, volume_driver: vt}}\ndb: {<<: [*a, *b], volumes: [\"a:/b\"]}\n", "vt", "a", "one", "/b")]
    public async Task Seed_prints_what_fills_a_compose_files_volumes(string compose, string driver, string volume, string image, string folder)
    {
        await File.WriteAllTextAsync(Path.Combine(_dvol.Program.Here, "c.yml"), compose);
        Assert.Equal($"docker run --volume-driver={driver} -v {volume}:/_target -ti {image} sh -c 'cp -av {folder}/* /_target/'\n", await _dvol.SucceedAsync("seed", "c.yml"));
    }

    [Theory]
    [InlineData("db:\n  image: redis\n", "No volumes found")]
    [InlineData("db:\n  build: .\n  volumes: [\"a:/b\"]\n  volume_driver: dvol\n", "the service db has no image")]
    [InlineData("db: &x\n  image: *x\n", "c.yml:1: what an anchor stands for has it in itself")]
    [InlineData("db:\n  image: *x\n", "c.yml:1: The anchor 'x' does not exist")]
    [InlineData("db:\n\timage: y\n", "c.yml:1: While scanning a mapping")]
    [InlineData("db:\n    image: y\n  volumes:\n", "c.yml:3: ")]
    [InlineData("db:\n  image: \"y\n", "c.yml:2: ")]
    public async Task Seed_says_what_it_can_not_read(string compose, string why)
    {
        await File.WriteAllTextAsync(Path.Combine(_dvol.Program.Here, "c.yml"), compose);
        Assert.Contains(why, await _dvol.FailAsync("seed", "c.yml"), StringComparison.Ordinal);
        Assert.Contains("no such file", await _dvol.FailAsync("seed", "none.yml"), StringComparison.Ordinal);
        Assert.Equal("Please specify a compose file.", await _dvol.FailAsync("seed"));
    }

    [Theory]
    [Trait("A7", "line 82")]
    [InlineData("unix:///nowhere/docker.sock", "?")]
    [InlineData("unix:///dev/null", "?")]
    public async Task Where_the_engine_is_down_containers_are_a_question_mark(string host, string containers)
    {
        await _dvol.SucceedAsync("init", "foo");
        Directory.CreateDirectory(Path.Combine(_dvol.Folder, "docker", "vt"));
        await File.WriteAllTextAsync(Path.Combine(_dvol.Folder, "docker", "vt", "state.json"), "{}");
        _dvol.Program["DOCKER_HOST"] = host;
        Assert.Equal(Header + "* foo      master\n", await _dvol.SucceedAsync("list"));
        _dvol.Before = _dvol.Before[..2];
        Assert.Equal(Header + $"* foo      master   {containers}\n", await _dvol.SucceedAsync("list"));
        await _dvol.SucceedAsync("commit", "-m", "m");
        await _dvol.SucceedAsync("reset", "--hard", "HEAD");
        _dvol.Program["DOCKER_HOST"] = "tcp://elsewhere:2375";
        Assert.Contains("is no unix:///path", await _dvol.FailAsync("commit", "-m", "m"), StringComparison.Ordinal);
    }
}
