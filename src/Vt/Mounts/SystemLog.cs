using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Vt.Mounts;

/// <summary>
/// A stream whose every write is a message to the system's log, by the socket /dev/log (syslog(3), RFC 3164). What can't be
/// delivered is dropped: a server in the background has nobody else to tell, and must go on.
/// </summary>
sealed class SystemLog : Stream
{
    // Facility 3, daemons; severity 4, warning.
    const int Priority = (3 * 8) + 4;

    readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var header = string.Create(CultureInfo.InvariantCulture, $"<{Priority}>vt[{Environment.ProcessId}]: ");
        try
        {
            _socket.SendTo([.. Encoding.ASCII.GetBytes(header), .. buffer.TrimEnd((byte)'\n')], new UnixDomainSocketEndPoint("/dev/log"));
        }
        catch (SocketException)
        {
            // No log runs here.
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _socket.Dispose();
        base.Dispose(disposing);
    }
}
