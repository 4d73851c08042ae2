using System.Runtime.InteropServices;
using System.Text;
using Vt.Posix;
using Vt.Posix.Rings;
using Vt.Posix.Sockets;
using Vt.Posix.Terminals;

namespace Vt.Terminals;

/// <summary>
/// Reads lines that somebody types at the terminal of standard input. The terminal gives every key only while a line is read; at any other time it is as it was, so that
/// commands and what they start find it so.
/// </summary>
sealed class TerminalLines : IDisposable
{
    const string Bell = "\a";
    const string ClearScreen = "\u001b[H\u001b[2J";
    const int PieceBytes = 4096;
    const int UsualColumns = 80;
    const int MostChoices = 200;

    readonly FileDescriptor _input = new(0, owned: false);
    readonly EventCounter _wake = new();
    readonly PosixSignalRegistration _resizing;
    readonly Stream _output;
    readonly LineEditor _editor;
    readonly LinePainter _painter = new();
    readonly KeyDecoder _decoder = new();
    readonly Queue<Key> _keys = new();
    bool _isResized;

    /// <summary>Takes the terminal of standard input.</summary>
    /// <param name="output">Where what is typed is shown.</param>
    /// <param name="history">The lines before.</param>
    public TerminalLines(Stream output, LineHistory history)
    {
        _output = output;
        _editor = new LineEditor(history);
#pragma warning disable CA1416 // The program runs on Linux alone.
        _resizing = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Resize());
#pragma warning restore CA1416
    }

    /// <summary>Reads a line.</summary>
    /// <param name="prompt">What stands before it.</param>
    /// <param name="complete">Completes the word at the end of a text; null where nothing is completed.</param>
    /// <param name="cancellationToken">Gives up; the terminal is as it was.</param>
    /// <returns>The line, empty where it was given up; null at the end of the input.</returns>
    public async Task<string?> ReadAsync(string prompt, Func<string, CancellationToken, ValueTask<LineCompletion?>>? complete, CancellationToken cancellationToken)
    {
        var usual = Terminal.TryRead(_input);
        if (usual is { } mode)
            Terminal.Write(_input, mode.WithEveryKey());
        using var waking = cancellationToken.UnsafeRegister(static wake => ((EventCounter)wake!).Signal(), _wake);
        try
        {
            _editor.Begin();
            _painter.Begin();
            return await ReadEditedAsync(prompt, complete, cancellationToken);
        }
        finally
        {
            if (usual is { } before)
                Terminal.Write(_input, before);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _resizing.Dispose();
        _wake.Dispose();
    }

    void Resize()
    {
        Volatile.Write(ref _isResized, true);
        _wake.Signal();
    }

    async Task<string?> ReadEditedAsync(string prompt, Func<string, CancellationToken, ValueTask<LineCompletion?>>? complete, CancellationToken cancellationToken)
    {
        Paint(prompt);
        var wasCompleting = false;
        while (true)
        {
            while (_keys.TryDequeue(out var key))
            {
                var outcome = _editor.Handle(key);
                switch (outcome)
                {
                    case LineOutcome.Entered or LineOutcome.GivenUp:
                        Leave(prompt, outcome == LineOutcome.GivenUp ? "^C" : "");
                        return outcome == LineOutcome.Entered ? _editor.Buffer.Text : "";
                    case LineOutcome.Ended:
                        Leave(prompt, "");
                        return null;
                    case LineOutcome.Clearing:
                        Write(ClearScreen);
                        _painter.Begin();
                        break;
                    case LineOutcome.Completing when complete is not null:
                        await CompleteAsync(prompt, complete, wasCompleting, cancellationToken);
                        break;
                    default:
                        break;
                }

                wasCompleting = outcome == LineOutcome.Completing;
            }

            Paint(prompt);
            if (!await FillAsync(cancellationToken))
            {
                Leave(prompt, "");
                return null;
            }
        }
    }

    // False at the end of the input.
    async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[PieceBytes];

        // The wait takes a thread, not one of those that the rest of the program waits for.
        var count = await Task.Factory.StartNew(() => Wait(buffer, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.Exchange(ref _isResized, false))
            _painter.Resize(Columns);
        for (var i = 0; i < count; i++)
        {
            foreach (var key in _decoder.Feed(buffer[i]))
                _keys.Enqueue(key);
        }

        return count != 0;
    }

    // How many bytes came; -1 for none, but something else is to be looked at.
    int Wait(byte[] buffer, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var (hasInput, isWoken) = Polling.WaitToRead(_input, _wake.File);
            if (isWoken)
            {
                PosixFile.Read(_wake.File, new byte[sizeof(ulong)]);
                return -1;
            }

            if (!hasInput)
                continue;

            // A terminal that hung up answers with an error.
            return PosixFile.TryRead(_input, buffer, out var count) == Errno.OK ? count : 0;
        }

        return -1;
    }

    async Task CompleteAsync(string prompt, Func<string, CancellationToken, ValueTask<LineCompletion?>> complete, bool isAgain, CancellationToken cancellationToken)
    {
        var text = _editor.Buffer.TextBefore;
        if (await complete(text, cancellationToken) is not { } completion)
        {
            Write(Bell);
            return;
        }

        if (completion.Replacement is { } replacement && text[completion.Start..] != replacement)
        {
            _editor.Buffer.ReplaceBefore(LineUnits.Of(text[..completion.Start]).Count, replacement);
            return;
        }

        if (!isAgain)
        {
            Write(Bell);
            return;
        }

        Paint(prompt);
        Write(_painter.Leave(Columns));
        Write(ChoicesText(completion.Choices));
        _painter.Begin();
    }

    string ChoicesText(IReadOnlyList<string> choices)
    {
        var shown = choices.Take(MostChoices).Select(static choice => string.Concat(LineUnits.Of(choice).Select(LineUnits.Shown))).ToList();
        var width = shown.Max(CharacterWidth.Of) + 2;
        var columns = Math.Max(1, Columns / width);
        var rows = (shown.Count + columns - 1) / columns;
        var text = new StringBuilder();
        for (var row = 0; row < rows; row++)
        {
            for (var at = row; at < shown.Count; at += rows)
                text.Append(shown[at]).Append(' ', at + rows < shown.Count ? width - CharacterWidth.Of(shown[at]) : 0);
            text.Append("\r\n");
        }

        if (choices.Count > shown.Count)
            text.Append($"and {choices.Count - shown.Count} more\r\n");
        return text.ToString();
    }

    int Columns => Terminal.SizeOf(_input)?.Columns ?? UsualColumns;

    void Paint(string prompt) => Write(_painter.Paint(_editor.SearchPrompt ?? prompt, _editor.Buffer.Units, _editor.Buffer.Cursor, Columns));

    void Leave(string prompt, string mark)
    {
        Paint(prompt);
        Write(mark + _painter.Leave(Columns));
    }

    void Write(string text)
    {
        _output.Write(Encoding.UTF8.GetBytes(text));
        _output.Flush();
    }
}
