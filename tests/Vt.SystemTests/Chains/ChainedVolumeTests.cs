using Vt.SystemTests.Commands;
using Vt.SystemTests.S3;
using Vt.SystemTests.Serving;
using Vt.Tests.Support;

namespace Vt.SystemTests.Chains;

/// <summary>A volume, mounted and killed, on every kind of store that takes one; and what another machine finds afterwards.</summary>
[Collection(S3Collection.Name)]
public sealed class ChainedVolumeTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly S3Gateway _gateway;
    readonly VtCommand _there;
    readonly VtCommand _here;
    readonly string _point;
    ServerProcess? _server;
    SshServer? _ssh;

    public ChainedVolumeTests(S3Gateway gateway)
    {
        _gateway = gateway;
        _there = new VtCommand(_folder["there"]);
        _here = new VtCommand(_folder["here"]) { Environment = { ["VT_AUTHOR"] = "Ann <ann@example.org>" } };
        _point = _folder.Make("mnt");
    }

    public void Dispose()
    {
        _server?.Dispose();
        _ssh?.Dispose();
        _folder.Dispose();
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
        _here.Environment["VT_STORE"] = Build(chain);
        _here.Succeed("volume", "init", "v");
        using (var mount = Mount())
        {
            Shell.Succeed($"cd '{_point}' && cp -a /usr/include/linux . && head -c 5000000 /dev/urandom > random && sync random && sha256sum random > sum && sync sum");
            mount.Signal("KILL");
            mount.AwaitExit();
        }

        using (var mount = Mount())
        {
            Shell.Succeed($"cd '{_point}' && sha256sum -c --quiet sum");
            _here.Succeed("commit", "-V", "v", "-m", "one");
            Shell.Succeed($"head -c 3000000 /dev/urandom > '{_point}/second'");
            RestartServer();
            Shell.Succeed($"cd '{_point}' && sha256sum second random > sum && sync -f sum");
            _here.Succeed("commit", "-V", "v", "-m", "two");
            Shell.Succeed($"umount '{_point}'");
            Assert.True(mount.AwaitExit() == 0, mount.Errors);
        }

        if (chain is "writeback" or "cache before ssh before s3")
            _here.Succeed("cache", "flush");
        Assert.Contains("0 faults", _there.Run("fsck", "v@main").Errors, StringComparison.Ordinal);
        Assert.Equal(["two", "one"], CommitTitles.Of(_there.Succeed("log", "v@main", "--json")));
        _there.Succeed("export", "v@main", _folder["back"]);
        Shell.Succeed($"cd '{_folder["back"]}' && sha256sum -c --quiet sum && diff -r linux /usr/include/linux");
    }

    /// <summary>Makes the stores; the spec of the chain. What lies farthest is the store of the other machine.</summary>
    string Build(string chain)
    {
        if (chain.EndsWith("s3", StringComparison.Ordinal))
        {
            _gateway.Equip(_there);
            _gateway.Equip(_here);
            _there.Environment["VT_STORE"] = _gateway.NewStore();
        }

        _there.Succeed("init");
        switch (chain)
        {
            case "s3":
                return _there.Environment["VT_STORE"];
            case "socket" or "tcp":
                RestartServer(first: true);
                return chain == "socket" ? _folder["vt.sock"] : $"tcp(host=127.0.0.1,port={_server!.Port},secret_file={_folder["secret"]})";
            case "command":
                return $"|{_there.Line("serve", "-")}";
            case "ssh":
                return Ssh();
            case "proxy":
                new VtCommand(_folder["second"]).Succeed("init");
                return Clause($"""
                    [first]
                    type = datadir
                    path = {_there.Store}
                    [second]
                    type = datadir
                    path = {_folder["second/store"]}
                    [chain]
                    type = proxy
                    save = [first],[second]
                    read = [first],[second]
                    """);
            default:
                var behind = chain.StartsWith("cache before", StringComparison.Ordinal) ? Ssh() : $"datadir(path={_there.Store})";
                return Clause($"""
                    [chain]
                    type = cache
                    path = {_folder["cached"]}
                    store = {behind}
                    max_size = 64 MiB
                    writeback = {(chain == "cache" ? "no" : "yes")}
                    """);
        }
    }

    string Clause(string clauses)
    {
        File.AppendAllText(_folder["here/vtrc"], clauses + "\n");
        return "[chain]";
    }

    string Ssh()
    {
        _ssh = new SshServer();
        return $"ssh(host=test,ssh_config={_ssh.Config},program=\"{_there.Line()}\")";
    }

    // A server of the other machine dies, and is started once more at the same addresses.
    void RestartServer(bool first = false)
    {
        if (_server is null && !first)
            return;
        var port = _server?.Port ?? 0;
        _server?.Kill();
        _server?.Dispose();
        _server = new ServerProcess(_there, 2, _folder["vt.sock"], $"tcp:127.0.0.1:{port}", "--secret-file", _folder["secret"]);
    }

    RealMount Mount() => RealMount.Start(
        "/usr/bin/env",
        [
            .. _here.Environment.Select(static variable => $"{variable.Key}={variable.Value}"), $"VT_CONFIG={_folder["here"]}/vtrc", $"HOME={_folder["here"]}",
            VtCommand.Executable, "-q", "mount", "v", _point,
        ],
        _point);
}
