using Vt.SystemTests.Commands;
using Vt.SystemTests.S3;
using Vt.SystemTests.Serving;
using Vt.Tests.Support;

namespace Vt.SystemTests.Chains;

/// <summary>An archive and a volume, mounted and killed, on every kind of store that takes them; and what another machine finds afterwards.</summary>
[Collection(S3Collection.Name)]
public sealed class ChainedMountTests(S3Gateway gateway) : ServedBed
{
    SshServer? _ssh;
    ServerProcess? _web;

    public override void Dispose()
    {
        _web?.Dispose();
        _ssh?.Dispose();
        base.Dispose();
    }

    public static TheoryData<string> Chains =>
        ["socket", "tcp", "ssh", "command", "http", "proxy", "cache", "writeback", "platonic", "s3", "cache before ssh before s3"];

    [MountTheory]
    [MemberData(nameof(Chains))]
    public void An_archive_lives_on_it_though_mount_and_server_are_killed(string chain)
    {
        Here.Environment["VT_STORE"] = Build(chain);
        var archive = Folder["a.vt"];
        using (var mount = Mount(archive))
        {
            Shell.Succeed($"cd '{Point}' && cp -a /usr/include/linux . && head -c 5000000 /dev/urandom > random && sync random && sha256sum random > sum && sync sum");
            mount.Signal("KILL");
            mount.AwaitExit();
        }

        using (var mount = Mount(archive))
        {
            Shell.Succeed($"cd '{Point}' && sha256sum -c --quiet sum && head -c 3000000 /dev/urandom > second");
            RestartWhatServes();
            Shell.Succeed($"cd '{Point}' && sha256sum second random > sum && sync -f sum");
            Unmount(mount);
        }

        BringOver(chain);
        Assert.Contains("0 faults", There.Run("fsck", archive).Errors, StringComparison.Ordinal);
        There.Succeed("export", archive, Folder["back"]);
        Shell.Succeed($"cd '{Folder["back"]}' && sha256sum -c --quiet sum && diff -r linux /usr/include/linux");
    }

    [MountTheory]
    [MemberData(nameof(Chains))]
    public void A_volume_lives_on_it_though_mount_and_server_are_killed(string chain)
    {
        Here.Environment["VT_STORE"] = Build(chain);
        Here.Succeed("volume", "init", "v");
        using (var mount = Mount())
        {
            Shell.Succeed($"cd '{Point}' && cp -a /usr/include/linux . && head -c 5000000 /dev/urandom > random && sync random && sha256sum random > sum && sync sum");
            mount.Signal("KILL");
            mount.AwaitExit();
        }

        using (var mount = Mount())
        {
            Shell.Succeed($"cd '{Point}' && sha256sum -c --quiet sum");
            Here.Succeed("commit", "-V", "v", "-m", "one");
            Shell.Succeed($"head -c 3000000 /dev/urandom > '{Point}/second'");
            RestartWhatServes();
            Shell.Succeed($"cd '{Point}' && sha256sum second random > sum && sync -f sum");
            Here.Succeed("commit", "-V", "v", "-m", "two");
            Unmount(mount);
        }

        BringOver(chain);
        Assert.Contains("0 faults", There.Run("fsck", "v@main").Errors, StringComparison.Ordinal);
        Assert.Equal(["two", "one"], CommitTitles.Of(There.Succeed("log", "v@main", "--json")));
        There.Succeed("export", "v@main", Folder["back"]);
        Shell.Succeed($"cd '{Folder["back"]}' && sha256sum -c --quiet sum && diff -r linux /usr/include/linux");
    }

    void RestartWhatServes()
    {
        if (Server is not null)
            RestartServer();
        if (_web is not null)
            RestartWeb();
    }

    void RestartWeb()
    {
        var port = _web?.Port ?? 0;
        _web?.Dispose();
        _web = ServerProcess.StartWeb(There, "--writable", $"127.0.0.1:{port}");
    }

    // What a queue has is on this side until then.
    void BringOver(string chain)
    {
        if (chain is "writeback" or "cache before ssh before s3")
            Here.Succeed("cache", "flush");
    }

    /// <summary>Makes the stores; the spec of the chain. What lies farthest is the store of the other machine.</summary>
    string Build(string chain)
    {
        if (chain.EndsWith("s3", StringComparison.Ordinal))
        {
            gateway.Equip(There);
            gateway.Equip(Here);
            There.Environment["VT_STORE"] = gateway.NewStore();
        }

        There.Succeed("init");
        switch (chain)
        {
            case "s3":
                return There.Environment["VT_STORE"];
            case "socket" or "tcp":
                RestartServer();
                return chain == "socket" ? SocketPath : TcpSpec();
            case "command":
                return $"|{There.Line("serve", "-")}";
            case "ssh":
                return Ssh();
            case "http":
                RestartWeb();
                return $"http://127.0.0.1:{_web!.Port}/";
            case "platonic":
                Shell.Succeed($"cp -a /usr/include/linux '{Folder["folder"]}'");
                var indexed = Clause("indexed", $"type = platonic\npath = {Folder["folder"]}\nstate = {Folder["state"]}\nmeta = datadir(path={There.Store})");
                Here.Succeed("platonic", "scan", "-S", indexed);
                return indexed;
            case "proxy":
                new VtCommand(Folder["second"]).Succeed("init");
                Clause("first", $"type = datadir\npath = {There.Store}");
                Clause("second", $"type = datadir\npath = {Folder["second/store"]}");
                return Clause("chain", """
                    type = proxy
                    save = [first],[second]
                    read = [first],[second]
                    """);
            default:
                var behind = chain.StartsWith("cache before", StringComparison.Ordinal) ? Ssh() : $"datadir(path={There.Store})";
                return Clause("chain", $"""
                    type = cache
                    path = {Folder["cached"]}
                    store = {behind}
                    max_size = 64 MiB
                    writeback = {(chain == "cache" ? "no" : "yes")}
                    """);
        }
    }

    string Ssh()
    {
        _ssh = new SshServer();
        return $"ssh(host=test,ssh_config={_ssh.Config},program=\"{There.Line()}\")";
    }
}
