using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Serving;

public sealed class ServedMountTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly VtCommand _there;
    readonly VtCommand _here;
    readonly string _point;

    public ServedMountTests()
    {
        _there = new VtCommand(_folder["there"]);
        _there.Succeed("init");
        _here = new VtCommand(_folder["here"]) { Environment = { ["VT_AUTHOR"] = "Ann <ann@example.org>" } };
        _point = _folder.Make("mnt");
    }

    public void Dispose() => _folder.Dispose();

    [MountTheory]
    [InlineData("socket")]
    [InlineData("ssh")]
    public void A_volume_lives_on_a_store_that_is_served_though_mount_and_server_are_killed(string line)
    {
        var socket = _folder["vt.sock"];
        using var ssh = line == "ssh" ? new SshServer() : null;
        _here.Environment["VT_STORE"] = ssh is null ? socket : $"ssh(host=test,ssh_config={ssh.Config},program=\"{_there.Line()}\")";
        var server = ssh is null ? new ServerProcess(_there, 1, socket) : null;
        try
        {
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
                if (server is not null)
                {
                    Shell.Succeed($"head -c 3000000 /dev/urandom > '{_point}/second'");
                    server.Kill();
                    server.Dispose();
                    server = new ServerProcess(_there, 1, socket);
                }

                Shell.Succeed($"cd '{_point}' && sha256sum second random > sum 2>/dev/null; sha256sum random > sum; sync -f sum");
                _here.Succeed("commit", "-V", "v", "-m", "two", "--allow-empty");
                Shell.Succeed($"umount '{_point}'");
                Assert.True(mount.AwaitExit() == 0, mount.Errors);
            }

            Assert.Contains("0 faults", _there.Run("fsck", "v@main").Errors, StringComparison.Ordinal);
            _there.Succeed("export", "v@main", _folder["back"]);
            Shell.Succeed($"cd '{_folder["back"]}' && sha256sum -c --quiet sum && diff -r linux /usr/include/linux");
        }
        finally
        {
            server?.Dispose();
        }
    }

    RealMount Mount() => RealMount.Start(
        "/usr/bin/env",
        [
            .. _here.Environment.Select(static variable => $"{variable.Key}={variable.Value}"), $"VT_CONFIG={_folder["here"]}/vtrc", $"HOME={_folder["here"]}",
            VtCommand.Executable, "-q", "mount", "v", _point,
        ],
        _point);
}
