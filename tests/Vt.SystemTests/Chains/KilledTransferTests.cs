using Vt.SystemTests.Commands;
using Vt.SystemTests.Http;
using Vt.SystemTests.S3;
using Vt.SystemTests.Serving;
using Vt.Tests.Support;

namespace Vt.SystemTests.Chains;

/// <summary>
/// Servers that are killed in the middle of what goes over their lines, at places that are planned to the byte: that costs a retry and nothing else. Where nobody comes back it is said in a
/// line, and nothing half-done is left.
/// </summary>
[Collection(S3Collection.Name)]
public sealed class KilledTransferTests : ServedBed
{
    // How long a client waits for a server that is gone, in seconds.
    const int Timeout = 3;

    // Behind the greeting, soon after a line was made again, and far along.
    static readonly long[] _places = [2_500_000, 300_000, 4_000_001];

    readonly S3Gateway _gateway;
    SshServer? _ssh;
    ServerProcess? _web;
    NginxServer? _nginx;
    BreakableLine? _line;

    public KilledTransferTests(S3Gateway gateway)
    {
        _gateway = gateway;
        Shell.Succeed($"mkdir '{Tree}' && cd '{Tree}' && cp -a /usr/include/linux/netfilter . && head -c 12000000 /dev/urandom > large && head -c 3000000 /dev/urandom > second");
    }

    string Tree => Folder["tree"];

    string Archive => Folder["a.vt"];

    public override void Dispose()
    {
        _line?.Dispose();
        _web?.Dispose();
        _nginx?.Dispose();
        _ssh?.Dispose();
        base.Dispose();
    }

    [Theory]
    [InlineData("socket")]
    [InlineData("tcp")]
    [InlineData("command")]
    [InlineData("ssh")]
    [InlineData("http")]
    [InlineData("s3")]
    public void A_server_that_is_killed_while_it_is_written_to_costs_a_retry(string kind)
    {
        Make(kind, isFilled: false);
        Open(kind);
        _line!.BreakAt(isInAnswers: false, isForGood: false, _places);
        Here.Succeed("import", "-q", Tree, Archive);
        Assert.Equal(_places.Length, _line.Breaks);
        CheckThere();
    }

    [Theory]
    [InlineData("socket")]
    [InlineData("tcp")]
    [InlineData("command")]
    [InlineData("ssh")]
    [InlineData("http")]
    [InlineData("nginx")]
    [InlineData("s3")]
    public void A_server_that_is_killed_while_it_is_read_from_costs_a_retry(string kind)
    {
        Make(kind, isFilled: true);
        Open(kind);
        _line!.BreakAt(isInAnswers: true, isForGood: false, _places);
        Here.Succeed("export", "-q", Archive, Folder["back"]);
        Assert.Equal(_places.Length, _line.Breaks);
        Shell.Succeed($"diff -r '{Tree}' '{Folder["back"]}'");

        _line.BreakAt(isInAnswers: true, isForGood: false, _places);
        Shell.Succeed($"{Here.Line("cat", Archive + "/large")} | cmp - '{Tree}/large'");
        Assert.Equal(2 * _places.Length, _line.Breaks);
    }

    [Theory]
    [InlineData("socket")]
    [InlineData("command")]
    [InlineData("ssh")]
    [InlineData("http")]
    [InlineData("s3")]
    public void A_server_that_does_not_come_back_while_it_is_written_to_is_said_in_a_line(string kind)
    {
        Make(kind, isFilled: false);
        Open(kind, Timeout);
        _line!.BreakAt(isInAnswers: false, isForGood: true, _places[0]);
        AssertSaid(kind, Here.Run("import", "-q", Tree, Archive));
        Assert.False(File.Exists(Archive) && new FileInfo(Archive).Length > 0, "a state that is not stored was noted");

        Mend();
        Here.Succeed("import", "-q", Tree, Archive);
        CheckThere();
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("command")]
    [InlineData("nginx")]
    [InlineData("s3")]
    public void A_server_that_does_not_come_back_while_it_is_read_from_is_said_in_a_line(string kind)
    {
        Make(kind, isFilled: true);
        Open(kind, Timeout);
        _line!.BreakAt(isInAnswers: true, isForGood: true, _places[0]);
        AssertSaid(kind, Here.Run("cat", Archive + "/large"));

        Mend();
        Here.Succeed("export", "-q", Archive, Folder["back"]);
        Shell.Succeed($"diff -r '{Tree}' '{Folder["back"]}'");
    }

    void AssertSaid(string kind, VtCommand.Completed run)
    {
        Assert.Equal(1, _line!.Breaks);
        Assert.True(run.ExitCode == 1, $"exit code {run.ExitCode}: {run.Errors}");
        Assert.Single(run.Errors.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("vt: ", run.Errors, StringComparison.Ordinal);
        if (kind is "command" or "ssh")
            Assert.Contains(ProgramLine.WhyGone, run.Errors, StringComparison.Ordinal);
    }

    void Mend()
    {
        _line!.Mend();
        Here.Environment["VT_STORE"] = Clause("mended", _line.Settings);
    }

    // Whoever has the store has it all.
    void CheckThere()
    {
        Assert.Contains("0 faults", There.Run("fsck", Archive).Errors, StringComparison.Ordinal);
        There.Succeed("export", "-q", Archive, Folder["checked"]);
        Shell.Succeed($"diff -r '{Tree}' '{Folder["checked"]}'");
    }

    // A store that has the tree where it is to be read; what reads it later has no copy.
    void Make(string kind, bool isFilled)
    {
        if (kind == "s3")
        {
            _gateway.Equip(There);
            There.Environment["VT_STORE"] = _gateway.NewStore();
        }

        There.Succeed("init");
        if (isFilled)
            There.Succeed("import", "-q", Tree, Archive);
    }

    void Open(string kind, int? timeout = null)
    {
        _line = kind switch
        {
            "socket" or "tcp" => OpenServed(kind),
            "command" => new ProgramLine(Folder.Make("line"), There.Line("serve", "-"), static program => $"type = command\ncommand = {program}"),
            "ssh" => OpenSsh(),
            "http" => OpenWeb(),
            "nginx" => OpenNginx(),
            _ => OpenGateway(),
        };
        Here.Environment["VT_STORE"] = Clause("line", _line.Settings + (timeout is null ? "" : $"\ntimeout = {timeout}"));
    }

    RelayedLine OpenServed(string kind)
    {
        RestartServer();
        var relay = kind == "socket" ? new CountingRelay(Folder["relay.sock"], SocketPath) : new CountingRelay(Server!.Port);
        var settings = kind == "socket" ? $"type = socket\npath = {relay.Path}" : $"type = tcp\nhost = 127.0.0.1\nport = {relay.Port}\nsecret_file = {Folder["secret"]}";
        return new RelayedLine(relay, settings, () => Server!.Kill(), RestartServer);
    }

    // All goes over the streams whose bytes are counted.
    ProgramLine OpenSsh()
    {
        _ssh = new SshServer();
        return new ProgramLine(Folder.Make("line"), There.Line(), program => $"type = ssh\nhost = test\nssh_config = {_ssh.Config}\nchannels = 1\nprogram = {program}");
    }

    RelayedLine OpenWeb()
    {
        _web = ServerProcess.StartWeb(There, "--writable", "127.0.0.1:0");
        var port = _web.Port;
        var relay = new CountingRelay(port);
        return new RelayedLine(relay, $"type = http\nurl = http://127.0.0.1:{relay.Port}/", () => _web.Kill(), () =>
        {
            _web.Dispose();
            _web = ServerProcess.StartWeb(There, "--writable", $"127.0.0.1:{port}");
        });
    }

    RelayedLine OpenNginx()
    {
        WebSite.Install("nginx-light");
        There.Succeed("static", "-q", Folder["export"]);
        Shell.Succeed($"chmod 755 '{Folder.Path}'");
        _nginx = new NginxServer(Folder.Make("nginx"), "export/vt-store.json", ("export", Folder["export"]));
        var relay = new CountingRelay(_nginx.Top.Port);
        return new RelayedLine(relay, $"type = http\nurl = http://127.0.0.1:{relay.Port}/export/", _nginx.KillWorker, static () => { });
    }

    // The gateway is everybody's and goes on; to who uses this line it is gone.
    RelayedLine OpenGateway()
    {
        var relay = new CountingRelay(new Uri(_gateway.Endpoint).Port);
        _gateway.Equip(Here);
        var settings = $"type = s3\nurl = {There.Environment["VT_STORE"]}\nendpoint = http://127.0.0.1:{relay.Port}{(_gateway.IsWithoutConditions ? "\nreferences = single-writer" : "")}";
        return new RelayedLine(relay, settings, static () => { }, static () => { });
    }
}
