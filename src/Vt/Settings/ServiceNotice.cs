using System.Net.Sockets;
using System.Text;

namespace Vt.Settings;

/// <summary>Tells systemd how a service stands (sd_notify(3)), where it asked for that.</summary>
static class ServiceNotice
{
    const string Variable = "NOTIFY_SOCKET";

    /// <summary>Tells that it serves from now on.</summary>
    public static void SayReady(Func<string, string?> environment) => Send(environment, "READY=1");

    /// <summary>Tells that it is about to end.</summary>
    public static void SayStopping(Func<string, string?> environment) => Send(environment, "STOPPING=1");

    static void Send(Func<string, string?> environment, string state)
    {
        if (environment(Variable) is not { Length: > 1 } name)
            return;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

        // A leading @ stands for the byte 0 of an abstract socket.
        socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(name[0] == '@' ? '\0' + name[1..] : name));
    }
}
