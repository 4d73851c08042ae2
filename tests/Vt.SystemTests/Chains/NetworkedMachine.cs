using System.Diagnostics;
using Vt.SystemTests.Commands;

namespace Vt.SystemTests.Chains;

/// <summary>
/// A machine as far as the network goes: a network namespace with one line to the namespace of a switchboard, which can be cut. On the switchboard's side somebody takes the
/// connections and hands them on to one port of the host's loopback; nothing else can be reached. Its name servers, clocks and disks are the host's.
/// </summary>
sealed class NetworkedMachine : IDisposable
{
    const int Port = 7480;

    readonly string _name;
    readonly string _board;
    readonly string _line;
    readonly List<Process> _relays = [];

    /// <param name="number">Which of the test's machines it is; makes its addresses.</param>
    /// <param name="folder">Where the socket lies on which the host takes what the switchboard hands on.</param>
    /// <param name="port">The port of the host's loopback.</param>
    public NetworkedMachine(int number, string folder, int port)
    {
        _name = $"vt{Environment.ProcessId}-{number}";
        _board = $"{_name}s";
        _line = $"v{Environment.ProcessId % 100000}-{number}";
        Address = $"10.213.{number}.1";
        Shell.Succeed($"""
            set -e
            ip netns add {_name}
            ip netns add {_board}
            ip link add {_line} netns {_name} type veth peer name {_line} netns {_board}
            ip -n {_name} address add 10.213.{number}.2/24 dev {_line}
            ip -n {_board} address add {Address}/24 dev {_line}
            for space in {_name} {_board}; do ip -n $space link set lo up; ip -n $space link set {_line} up; done
            """);
        var socket = Path.Combine(folder, $"{_name}.sock");
        Relay("socat", $"UNIX-LISTEN:{socket},fork,backlog=128", $"TCP:127.0.0.1:{port}");
        Relay("nsenter", $"--net=/run/netns/{_board}", "socat", $"TCP-LISTEN:{Port},bind={Address},fork,backlog=128", $"UNIX-CONNECT:{socket}");
        // Both are there when somebody answers.
        Shell.Succeed($"for i in $(seq 100); do {Inside} bash -c 'exec 3<>/dev/tcp/{Address}/{Port}' 2>/dev/null && [ -S '{socket}' ] && exit 0; sleep 0.05; done; exit 1");
    }

    /// <summary>Where the host's port is found from inside.</summary>
    public string Endpoint => $"http://{Address}:{Port}";

    /// <summary>What a command begins with that is to run on this machine.</summary>
    public string Inside => $"nsenter --net=/run/netns/{_name}";

    string Address { get; }

    /// <summary>Cuts the line: what is sent is lost, and nobody is told.</summary>
    public void Cut() => Shell.Succeed($"ip -n {_board} link set {_line} down");

    /// <summary>Mends it.</summary>
    public void Mend() => Shell.Succeed($"ip -n {_board} link set {_line} up");

    void Relay(string program, params string[] arguments) => _relays.Add(Process.Start(new ProcessStartInfo(program, arguments))!);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var relay in _relays)
        {
            relay.Kill(entireProcessTree: true);
            relay.WaitForExit();
            relay.Dispose();
        }

        Shell.Succeed($"ip netns del {_name}; ip netns del {_board}");
    }
}
