using System.Runtime.InteropServices;
using Vt.Fuse.Mounting;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.TestServer;

/// <summary>
/// Mounts a sample filesystem for the system tests, which run in another process as nobody must use a mount of his own. Says
/// <c>mounted</c> on standard output when it answers and <c>ended ERRNO lookups=N opens=N</c> when it is over; SIGHUP
/// changes <c>hello.txt</c>, adds <c>new</c> and removes <c>later</c> behind the kernel's back, and notifies.
/// </summary>
static class Program
{
    static async Task<int> Main(string[] arguments)
    {
        if (ServerOptions.Parse(arguments) is not { } options)
        {
            await Console.Error.WriteLineAsync(ServerOptions.Usage);
            return 2;
        }

        FuseSession session;
        var fileSystem = new SampleFileSystem(options);
        try
        {
            var mountOptions = FuseMountOptions.Parse(options.MountOptions) with { Subtype = "vt-test" };
            session = FuseSession.Mount(fileSystem, options.MountPoint, mountOptions, options.Session);
        }
        catch (Exception exception) when (exception is IOException or FormatException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }

        if (options.ReadAhead > 0 && !session.MountPoint.TrySetReadAhead(options.ReadAhead))
            await Console.Error.WriteLineAsync("the read-ahead can't be set");

        using var stopping = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, stopping));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, stopping));
        using var change = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            Console.Out.WriteLine("changed " + fileSystem.Change(session.Notifier));
        });
        await Console.Out.WriteLineAsync("mounted");

        await using (session)
        {
            await Task.WhenAny(session.Completion, Task.Delay(Timeout.Infinite, stopping.Token));
            if (!session.Completion.IsCompleted && !await session.StopAsync(TimeSpan.FromSeconds(options.Patience)))
            {
                await Console.Error.WriteLineAsync("the mount is still in use");
                return 3;
            }

            var end = await session.Completion;
            await Console.Out.WriteLineAsync($"ended {end.Error} lookups={fileSystem.LookupCount} opens={fileSystem.OpenCount}");
            return end.IsUnmount || end.Error == Errno.ECONNABORTED ? 0 : 1;
        }
    }

    static void Stop(PosixSignalContext context, CancellationTokenSource stopping)
    {
        context.Cancel = true;
        stopping.Cancel();
    }
}
