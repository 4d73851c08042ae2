using System.Diagnostics;
using Vt.Blocks.Contracts;
using Vt.Hosts.DockerEngine;
using Vt.Output;
using Vt.Posix;

namespace Vt.Docker;

/// <summary>
/// A process that knows what is to be done to containers after work on their volume, and does it where the command can't any more: where it is killed. It reads what there is to do
/// from a pipe, whose end it takes for the command's.
/// </summary>
sealed class ContainerGuard : IDisposable
{
    /// <summary>The option that makes a run of the program such a process; its value is the engine's socket.</summary>
    public const string Option = "--container-guard";

    const string Done = "done";

    readonly Process _process;

    ContainerGuard(Process process) => _process = process;

    /// <summary>Starts it.</summary>
    /// <param name="socket">The engine's socket.</param>
    /// <exception cref="UserErrorException">It can't be started.</exception>
    public static ContainerGuard Start(string socket)
    {
        var program = Environment.ProcessPath ?? throw new UserErrorException("the program can't find its own file, which stopping containers needs");
        var process = Process.Start(new ProcessStartInfo(program, ["docker-plugin", Option, socket]) { RedirectStandardInput = true })
            ?? throw new UserErrorException($"{program} can't be started");
        process.StandardInput.AutoFlush = true;
        return new ContainerGuard(process);
    }

    /// <summary>Notes what is to be done, before what makes it necessary.</summary>
    public void Add(ContainerStep step) => Write(step.ToLine());

    /// <summary>Notes that the newest step is done, or has failed and been told.</summary>
    public void Remove() => Write(Done);

    /// <summary>Ends it; with everything done it does nothing more.</summary>
    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }

        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Is that process.</summary>
    /// <param name="socket">The engine's socket.</param>
    /// <param name="input">Where it is told what there is to do.</param>
    /// <param name="messages">Where it says what could not be done.</param>
    public static async Task ServeAsync(string socket, TextReader input, MessageWriter messages)
    {
        // Whatever ends the command must not end this.
        Detachment.StartSession();
        var steps = new Stack<ContainerStep>();
        while (await input.ReadLineAsync(CancellationToken.None) is { } line)
        {
            if (line == Done)
                steps.Pop();
            else if (ContainerStep.TryParse(line) is { } step)
                steps.Push(step);
        }

        using var engine = new EngineClient(socket);
        while (steps.TryPop(out var left))
        {
            try
            {
                await left.RunAsync(engine, isLeft: true);
            }
            catch (Exception fault) when (fault is EngineException or UserErrorException)
            {
                messages.Say($"{left.What}: {fault.Message}");
            }
        }
    }

    // Somebody killed it: the command itself goes on as if there were none.
    void Write(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
        }
        catch (IOException)
        {
        }
    }
}
