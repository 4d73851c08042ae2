using System.Diagnostics;

namespace Vt.Stores.Streams.Transport;

/// <summary>A line to a child process. What the child says on standard error is kept, the last of it: it says why there is no more.</summary>
sealed class CommandLine : StreamLine
{
    const int MostWords = 500;

    // A program that reads its input's end has this long to go by itself.
    static readonly TimeSpan _grace = TimeSpan.FromSeconds(2);

    readonly Process _process;

    // Guards the words.
    readonly Lock _wordsGate = new();
    readonly TaskCompletionSource _saidAll = new(TaskCreationOptions.RunContinuationsAsynchronously);
    string _words = "";

    /// <summary>Takes a process over whose standard streams are redirected.</summary>
    public CommandLine(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginErrorReadLine();
    }

    /// <inheritdoc/>
    public override Stream Input => _process.StandardOutput.BaseStream;

    /// <inheritdoc/>
    public override Stream Output => _process.StandardInput.BaseStream;

    /// <inheritdoc/>
    public override bool WaitsWithoutBuffer => false;

    /// <inheritdoc/>
    public override async ValueTask<string> ReadLastWordsAsync()
    {
        // Its last line may be on its way, where its end has been seen.
        using var patience = new CancellationTokenSource(_grace);
        await _saidAll.Task.WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_wordsGate)
            return _words;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }

        using var patience = new CancellationTokenSource(_grace);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    void Note(string? line)
    {
        if (line is null)
        {
            _saidAll.TrySetResult();
            return;
        }

        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (_wordsGate)
        {
            _words = _words.Length == 0 ? line : $"{_words}; {line}";
            if (_words.Length > MostWords)
                _words = _words[^MostWords..];
        }
    }
}
