using System.Net.Sockets;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Posix.Sockets;

namespace Vt.Stores.Streams.Transport;

/// <summary>Talks to a server that is a program's standard input and output: <c>ssh</c> to another machine, or whatever a shell command starts.</summary>
/// <param name="program">The program.</param>
/// <param name="arguments">Its arguments.</param>
/// <param name="description">Names the server in messages.</param>
public sealed class CommandConnector(string program, IReadOnlyList<string> arguments, string description) : ILineConnector
{
    /// <inheritdoc/>
    public string Description => description;

    /// <inheritdoc/>
    public ValueTask<StreamLine> ConnectAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Socket? input = null, output = null, error = null;
        try
        {
            (input, var childInput) = MakePair();
            using var first = childInput;
            (output, var childOutput) = MakePair();
            using var second = childOutput;
            (error, var childError) = MakePair();
            using var third = childError;
            var process = ChildProcess.Start(program, arguments, childInput, childOutput, childError);
            return new ValueTask<StreamLine>(new CommandLine(process, input, output, error));
        }
        catch (PosixException fault)
        {
            input?.Dispose();
            output?.Dispose();
            error?.Dispose();
            throw new StoreUnavailableException(Description, $"{program} can't be started: {PosixException.TextOf(fault.Error)}", isTransient: false, fault);
        }
    }

    // One for each direction: a program may close one and use the other.
    static (Socket Ours, FileDescriptor Theirs) MakePair()
    {
        var (ours, theirs) = UnixSockets.CreatePair(forChild: false);
        var socket = new Socket(new SafeSocketHandle(ours.Value, ownsHandle: true)) { SendBufferSize = UnixConnector.SendBuffer };
        ours.SetHandleAsInvalid();
        return (socket, theirs);
    }
}
