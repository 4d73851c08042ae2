using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Chains;

/// <summary>A laptop whose store is elsewhere, behind a cache that takes writes: it works without it, and catches up.</summary>
public sealed class LaptopTests : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly VtCommand _vt;
    readonly string _source;
    readonly string _archive;

    public LaptopTests()
    {
        _vt = new VtCommand(_folder["home"]);
        File.WriteAllText(
            _folder["home/vtrc"],
            $"""
            [GLOBAL]
            basedir = {_folder["home"]}
            [far]
            type = datadir
            [remote]
            type = cache
            store = [far]
            max_size = 32 MiB
            [laptop]
            type = cache
            store = [remote]
            writeback = yes
            max_size = 64 MiB

            """);
        _vt.Environment["VT_STORE"] = "[laptop]";
        _vt.Succeed("init");
        _source = _folder.Make("source");
        new TreeGenerator(3, 0.05).Make(_source);
        _archive = _folder["a.vt"];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_works_offline_and_catches_up()
    {
        _vt.Succeed("import", "-q", _source, _archive);
        _vt.Succeed("cache", "flush");
        Directory.Move(_folder["home/far"], _folder["home/away"]);
        File.WriteAllText(Path.Combine(_source, "written offline"), "while the store was away");
        _vt.Succeed("import", "-q", _source, _archive);
        _vt.Succeed("export", "-q", _archive, _folder["offline"]);
        Assert.Empty(TreeComparer.Compare(_source, _folder["offline"]));
        Assert.Contains("movements of references", _vt.Succeed("cache", "status"), StringComparison.Ordinal);
        var refused = _vt.Run("cache", "flush");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("there is no store", refused.Errors, StringComparison.Ordinal);

        Directory.Move(_folder["home/away"], _folder["home/far"]);
        var caughtUp = _vt.Run("cache", "flush");
        Assert.Equal((0, ""), (caughtUp.ExitCode, caughtUp.Errors));
        Assert.DoesNotContain("movements", _vt.Succeed("cache", "status"), StringComparison.Ordinal);

        // Now without the laptop.
        Assert.Contains("0 faults", Check("[far]"), StringComparison.Ordinal);
        _vt.Succeed("-S", "[far]", "export", "-q", _archive, _folder["elsewhere"]);
        Assert.Empty(TreeComparer.Compare(_source, _folder["elsewhere"]));
    }

    [Fact]
    public void A_cache_named_by_an_option_serves_what_was_read()
    {
        _vt.Succeed("-S", "[far]", "import", "-q", _source, _archive);
        var cache = $"cache(path={_folder["named"]},max_size=32 MiB)";
        _vt.Succeed("-S", "[far]", "-C", cache, "export", "-q", _archive, _folder["first"]);
        _vt.Succeed("-S", "[far]", "-C", $"datadir(path={_folder["home/far"]})", "export", "-q", _archive, _folder["through itself"]);
        _vt.Succeed("-S", "[far]", "-C", "memory(max_data=16 MiB)", "export", "-q", _archive, _folder["through memory"]);
        Directory.Move(_folder["home/far"], _folder["home/away"]);
        _vt.Succeed("-S", "[far]", "-C", cache, "export", "-q", _archive, _folder["second"]);
        Assert.Empty(TreeComparer.Compare(_folder["first"], _folder["second"]));
        Assert.NotEqual(0, _vt.Run("-S", "[far]", "-C", "NONE", "export", "-q", _archive, _folder["third"]).ExitCode);
    }

    [Fact]
    public void Two_processes_fill_one_queue_at_once()
    {
        Directory.CreateDirectory(_folder["other"]);
        new TreeGenerator(3, 0.06).Make(_folder["other"]);
        using (var one = _vt.Start("import", "-q", _source, _archive))
        using (var other = _vt.Start("import", "-q", _folder["other"], _folder["b.vt"]))
        {
            one.WaitForExit();
            other.WaitForExit();
            Assert.Equal((0, 0), (one.ExitCode, other.ExitCode));
        }

        _vt.Succeed("cache", "flush");
        _vt.Succeed("-S", "[far]", "export", "-q", _folder["b.vt"], _folder["b"]);
        Assert.Empty(TreeComparer.Compare(_folder["other"], _folder["b"]));
        Assert.Contains("0 faults", Check("[far]"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_by_commas_reads_behind_what_it_saves_to()
    {
        _vt.Succeed("-S", "[far]", "import", "-q", _source, _archive);
        var near = $"datadir(path={_folder["near"]})";
        _vt.Succeed("-S", near, "init");
        var chain = $"{near},[far]";
        File.WriteAllText(Path.Combine(_source, "added"), "only near");
        _vt.Succeed("-S", chain, "import", "-q", _source, _folder["b.vt"]);
        _vt.Succeed("-S", chain, "export", "-q", _folder["b.vt"], _folder["b"]);
        Assert.Empty(TreeComparer.Compare(_source, _folder["b"]));
        Assert.NotEqual(0, _vt.Run("-S", "[far]", "export", "-q", _folder["b.vt"], _folder["c"]).ExitCode);
    }

    [Fact]
    public void Killed_imports_cost_nothing_that_was_confirmed()
    {
        _vt.Succeed("import", "-q", _source, _archive);
        foreach (var boundary in (int[])[3, 9, 14, 25, 50])
        {
            var confirmed = File.ReadAllText(_archive);
            File.WriteAllText(Path.Combine(_source, $"more {boundary}"), "to be imported by the one that dies");
            _vt.Environment["VT_FAULT"] = $"kill:{boundary}";
            _vt.Run("import", "-q", _source, _archive);
            _vt.Environment.Remove("VT_FAULT");
            Assert.StartsWith(confirmed, File.ReadAllText(_archive), StringComparison.Ordinal);
        }

        _vt.Succeed("import", "-q", _source, _archive);
        _vt.Succeed("cache", "flush");
        Assert.DoesNotContain("conflicts", _vt.Succeed("cache", "status"), StringComparison.Ordinal);
        Assert.Contains("0 faults", Check("[far]"), StringComparison.Ordinal);
        _vt.Succeed("-S", "[far]", "export", "-q", _archive, _folder["out"]);
        Assert.Empty(TreeComparer.Compare(_source, _folder["out"]));
    }

    string Check(string store)
    {
        var done = _vt.Run("-S", store, "fsck", _archive);
        return done.Output + done.Errors;
    }
}
