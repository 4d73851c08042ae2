using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Settings;

namespace Vt.Ftp;

/// <summary>A session whose commands come from the command line, a file, or standard input that nobody types. It ends with the first that fails, and what was changed since the last sync is given up then.</summary>
/// <param name="session">The session.</param>
sealed class FtpScript(FtpSession session)
{
    const int LongestLine = 1 << 20;
    const int PieceBytes = 16 << 10;

    readonly FtpRunner _runner = new(session);

    /// <summary>Runs commands, and stores what they changed. Where states are not kept, the reference of what they made is said.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="cancellationToken">Ends the session.</param>
    public async Task<int> RunAsync(string commands, CancellationToken cancellationToken)
    {
        var code = await _runner.RunAsync(commands, cancellationToken);
        return await EndAsync(code, session.Tree is { IsKept: false, HasChanges: true } ? "quit" : "sync", cancellationToken);
    }

    /// <summary>Runs the commands of an input line by line; its end is a quit.</summary>
    public async Task<int> RunAsync(Stream input, CancellationToken cancellationToken)
    {
        await foreach (var line in LinesAsync(input, cancellationToken))
        {
            if (await _runner.RunAsync(line, cancellationToken) is var code && code != ExitCode.Ok)
                return await EndAsync(code, "quit", cancellationToken);
            if (session.IsEnded)
                return ExitCode.Ok;
        }

        return await EndAsync(ExitCode.Ok, "quit", cancellationToken);
    }

    async Task<int> EndAsync(int code, string ending, CancellationToken cancellationToken)
    {
        if (session.IsEnded)
            return code;
        if (code == ExitCode.Ok)
            return await _runner.RunAsync(ending, cancellationToken);
        if (session.Tree.HasChanges)
            session.Context.Messages.Say("what was changed since the last sync is given up");
        return code;
    }

    static async IAsyncEnumerable<string> LinesAsync(Stream input, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        var buffer = new byte[PieceBytes];
        while (await input.ReadAsync(buffer, cancellationToken).AsTask().WaitAsync(cancellationToken) is > 0 and var count)
        {
            for (var start = 0; start < count;)
            {
                var end = Array.IndexOf(buffer, (byte)'\n', start, count - start);
                line.AddRange(buffer.AsSpan(start, (end < 0 ? count : end) - start));
                if (line.Count > LongestLine)
                    throw new UserErrorException($"a line has more than {LongestLine} bytes");
                if (end < 0)
                    break;
                yield return TextOf(line);
                line.Clear();
                start = end + 1;
            }
        }

        if (line.Count > 0)
            yield return TextOf(line);
    }

    static string TextOf(List<byte> line) => LosslessText.FromBytes(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(line));
}
