using System.Text;
using Vt.Settings;

namespace Vt.Tests.Ftp;

/// <summary>Runs one session while another is open: the other's commands come from an input that runs the one in between.</summary>
sealed class FtpInner(FtpRun run)
{
    public async Task<(int Code, string Error)> RunAsync(string target, string first, string other, string last)
    {
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        using var input = new SteppedInput([first + "\n", last + "\n"], () => Assert.Equal(ExitCode.Ok, run.RunAsync(target, other).GetAwaiter().GetResult()));
        var surroundings = new Surroundings
        {
            Input = input,
            Output = output,
            Error = error,
            Environment = name => name == "HOME" ? run.Program.Home : null,
            CurrentDirectory = run.Here,
            ProgramName = "vtftp",
        };
        var code = await Vt.Program.RunAsync(["-q", target], surroundings);
        return (code, Encoding.UTF8.GetString(error.ToArray()));
    }

    /// <summary>Gives a line at a time, and does something before the second.</summary>
    sealed class SteppedInput(string[] lines, Action between) : MemoryStream
    {
        int _next;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_next == lines.Length)
                return new(0);
            if (_next == 1)
                between();
            return new(Encoding.UTF8.GetBytes(lines[_next++], buffer.Span));
        }
    }
}
