using Vt.SystemTests.Commands;
using Vt.SystemTests.S3;
using Vt.SystemTests.Serving;
using Vt.Tests.Support;

namespace Vt.SystemTests.Chains;

/// <summary>A volume, mounted and killed, on every kind of store that takes one; and what another machine finds afterwards.</summary>
[Collection(S3Collection.Name)]
public sealed class ChainedVolumeTests(S3Gateway gateway) : ServedBed
{
    SshServer? _ssh;

    public override void Dispose()
    {
        _ssh?.Dispose();
        base.Dispose();
    }

    [MountTheory]
    [InlineData("socket")]
    [InlineData("tcp")]
    [InlineData("ssh")]
    [InlineData("command")]
    [InlineData("proxy")]
    [InlineData("cache")]
    [InlineData("writeback")]
    [InlineData("s3")]
    [InlineData("cache before ssh before s3")]
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
            if (Server is not null)
                RestartServer();
            Shell.Succeed($"cd '{Point}' && sha256sum second random > sum && sync -f sum");
            Here.Succeed("commit", "-V", "v", "-m", "two");
            Shell.Succeed($"umount '{Point}'");
            Assert.True(mount.AwaitExit() == 0, mount.Errors);
        }

        if (chain is "writeback" or "cache before ssh before s3")
            Here.Succeed("cache", "flush");
        Assert.Contains("0 faults", There.Run("fsck", "v@main").Errors, StringComparison.Ordinal);
        Assert.Equal(["two", "one"], CommitTitles.Of(There.Succeed("log", "v@main", "--json")));
        There.Succeed("export", "v@main", Folder["back"]);
        Shell.Succeed($"cd '{Folder["back"]}' && sha256sum -c --quiet sum && diff -r linux /usr/include/linux");
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
