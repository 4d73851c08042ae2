using System.Diagnostics;
using System.Runtime.InteropServices;
using Vt.Fuse.Mounting;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.TestServer;

/// <summary>
/// Mounts a sample filesystem for the system tests, which run in another process as nobody must use a mount of his own. Says
/// <c>mounted</c> on standard output when it answers and <c>ended ERRNO lookups=N opens=N</c> when it is over; SIGHUP
/// changes <c>hello.txt</c>, adds <c>new</c> and removes <c>later</c> behind the kernel's back, and notifies. With <c>--cycles</c> it first mounts and
/// unmounts many times, and says <c>left descriptors=N threads=N maps=N</c>: how many there are more than after the first few times.
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

        if (options.Cycles > 0)
            await CycleAsync(options);
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

    static async Task CycleAsync(ServerOptions options)
    {
        const int first = 4; // the runtime's own threads and buffers have come by then
        var before = (Descriptors: 0, Threads: 0, Maps: 0);
        for (var i = 0; i < options.Cycles; i++)
        {
            await using (var session = FuseSession.Mount(new SampleFileSystem(options), options.MountPoint, new FuseMountOptions { Subtype = "vt-test" }, options.Session))
            {
                using var user = Process.Start(new ProcessStartInfo("cat", [$"{options.MountPoint}/hello.txt", $"{options.MountPoint}/later"]) { RedirectStandardOutput = true })!;
                await user.StandardOutput.ReadToEndAsync();
                await user.WaitForExitAsync();
                await session.StopAsync(TimeSpan.FromSeconds(options.Patience));
            }

            if (i == first)
                before = Count();
        }

        var after = Count();
        await Console.Out.WriteLineAsync(
            $"left descriptors={after.Descriptors - before.Descriptors} threads={after.Threads - before.Threads} maps={after.Maps - before.Maps}");
    }

    // Threads by their names, as the runtime's come and go; maps of the size that only buffers have.
    static (int Descriptors, int Threads, int Maps) Count() => (
        Directory.GetFiles("/proc/self/fd").Count(static path => File.ResolveLinkTarget(path, false)?.Name is { } name && (name.Contains("uring", StringComparison.Ordinal) || name.Contains("eventfd", StringComparison.Ordinal) || name == "fuse")),
        Directory.GetDirectories("/proc/self/task").Count(static task => File.ReadAllText($"{task}/comm").StartsWith("fuse", StringComparison.Ordinal)),
        File.ReadLines("/proc/self/maps").Count(static line => line.Contains("io_uring", StringComparison.Ordinal)));

    static void Stop(PosixSignalContext context, CancellationTokenSource stopping)
    {
        context.Cancel = true;
        stopping.Cancel();
    }
}
