using System.ComponentModel;
using System.Diagnostics;
using Vt.Blocks.Contracts;

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
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            var process = Process.Start(start) ?? throw new StoreUnavailableException(Description, $"{program} can't be started");
            return new ValueTask<StreamLine>(new CommandLine(process));
        }
        catch (Win32Exception fault)
        {
            throw new StoreUnavailableException(Description, $"{program} can't be started: {fault.Message}", isTransient: false, fault);
        }
    }
}
