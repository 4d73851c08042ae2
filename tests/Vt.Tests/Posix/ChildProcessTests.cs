using System.Globalization;
using System.Text;
using Vt.Posix;
using Vt.Posix.Sockets;

namespace Vt.Tests.Posix;

public sealed class ChildProcessTests
{
    static readonly TimeSpan _long = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_child_has_the_streams_that_it_was_given()
    {
        var (output, error) = Run("/bin/sh", ["-c", "cat; echo no >&2"], "yes");

        Assert.Equal(("yes", "no\n"), (output, error));
    }

    [Fact]
    public void A_name_without_a_path_is_looked_for() => Assert.Equal("yes", Run("cat", [], "yes").Output);

    [Fact]
    public void A_child_has_our_environment_and_ignores_no_signal()
    {
        var lines = Run("/bin/sh", ["-c", "echo $PATH; grep -e SigIgn -e SigBlk /proc/self/status"], "").Output.TrimEnd('\n').Split('\n');

        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), lines[0]);
        Assert.Equal(["SigBlk", "SigIgn"], lines[1..].Select(static line => line[..6]).Order());

        // 32 and 33 are the C library's own.
        Assert.All(lines[1..], static line => Assert.Equal(0UL, ulong.Parse(line[8..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 0x7fffffff));
    }

    [Fact]
    public void What_is_no_program_is_said()
    {
        var (ours, theirs) = UnixSockets.CreatePair(forChild: false);
        using (ours)
        using (theirs)
            Assert.Equal(Errno.ENOENT, Assert.Throws<PosixException>(() => ChildProcess.Start("/there/is/none", [], theirs, theirs, theirs)).Error);
    }

    [Fact]
    public void A_child_that_stays_is_killed_with_what_it_started()
    {
        var (ours, theirs) = UnixSockets.CreatePair(forChild: false);
        using (ours)
        using (theirs)
        {
            using var child = ChildProcess.Start("/bin/sh", ["-c", "sleep 1000 & echo $!; wait"], theirs, theirs, theirs);
            var line = ReadLine(ours);

            Assert.False(child.WaitForEnd(TimeSpan.Zero));
            child.Kill();

            using var grandchild = ProcessHandle.TryOpen(int.Parse(line, CultureInfo.InvariantCulture));
            Assert.True(grandchild is null || grandchild.WaitForEnd(_long));
            Assert.False(Directory.Exists($"/proc/{child.Id}"));
        }
    }

    static (string Output, string Error) Run(string program, string[] arguments, string text)
    {
        var (ourInput, input) = UnixSockets.CreatePair(forChild: false);
        var (ourOutput, output) = UnixSockets.CreatePair(forChild: false);
        var (ourError, error) = UnixSockets.CreatePair(forChild: false);
        using (ourOutput)
        using (ourError)
        {
            using var child = ChildProcess.Start(program, arguments, input, output, error);
            input.Dispose();
            output.Dispose();
            error.Dispose();
            using (ourInput)
                PosixFile.WriteFully(ourInput, Encoding.UTF8.GetBytes(text));
            Assert.True(child.WaitForEnd(_long));
            return (ReadAll(ourOutput), ReadAll(ourError));
        }
    }

    static string ReadAll(FileDescriptor file)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (PosixFile.Read(file, buffer) is > 0 and var count)
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        return text.ToString();
    }

    static string ReadLine(FileDescriptor file)
    {
        var text = new StringBuilder();
        var buffer = new byte[1];
        while (PosixFile.Read(file, buffer) == 1 && buffer[0] != '\n')
            text.Append((char)buffer[0]);
        return text.ToString();
    }
}
