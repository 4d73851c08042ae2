using System.Net.Sockets;
using Vt.Posix;
using Vt.Stores.Streams.Transport;

namespace Vt.Hosts.StreamServer;

/// <summary>A line over two descriptors: this process's standard streams, or those of another one that passed them on.</summary>
public sealed class DescriptorLine : StreamLine
{
    readonly Stream _input;
    readonly Stream _output;
    readonly IDisposable? _held;

    /// <summary>Takes descriptors over.</summary>
    /// <param name="input">What comes from the client.</param>
    /// <param name="output">What goes to it.</param>
    /// <param name="held">Disposed behind them: what tells whoever passed them on that they are no longer needed.</param>
    public DescriptorLine(FileDescriptor input, FileDescriptor output, IDisposable? held = null)
    {
        _input = Open(input, FileAccess.Read);
        _output = Open(output, FileAccess.Write);
        _held = held;
    }

    /// <inheritdoc/>
    public override Stream Input => _input;

    /// <inheritdoc/>
    public override Stream Output => _output;

    /// <inheritdoc/>
    public override bool WaitsWithoutBuffer => true;

    /// <summary>A line over copies of this process's standard input and output.</summary>
    public static DescriptorLine OfThisProcess()
    {
        using var input = StandardInput;
        using var output = StandardOutput;
        return new DescriptorLine(input.Duplicate(), output.Duplicate());
    }

    /// <summary>This process's standard input; disposal leaves it open.</summary>
    public static FileDescriptor StandardInput => new(0, owned: false);

    /// <summary>Its standard output.</summary>
    public static FileDescriptor StandardOutput => new(1, owned: false);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _output.DisposeAsync();
        await _input.DisposeAsync();
        _held?.Dispose();
    }

    static bool IsSocket(FileDescriptor file) => (PosixFile.Fstat(file).Mode & ModeBits.S_IFMT) == ModeBits.S_IFSOCK;

    // A socket, as our own clients give one, is waited for together with all others; a pipe, as sshd may give one, has a thread of its own.
    static Stream Open(FileDescriptor file, FileAccess access)
    {
        if (!IsSocket(file))
            return new ThreadedStream(file, access);
        var number = file.Value;
        file.SetHandleAsInvalid();
        return new NetworkStream(new Socket(new SafeSocketHandle(number, ownsHandle: true)), ownsSocket: true);
    }
}
