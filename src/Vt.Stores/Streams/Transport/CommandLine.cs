using System.Net.Sockets;
using Vt.Posix;

namespace Vt.Stores.Streams.Transport;

/// <summary>A line to a child process. What the child says on standard error is kept, the last of it: it says why there is no more.</summary>
sealed class CommandLine : StreamLine
{
    const int MostWords = 500;

    // A program that reads its input's end has this long to go by itself.
    static readonly TimeSpan _grace = TimeSpan.FromSeconds(2);

    readonly ChildProcess _process;
    readonly NetworkStream _input;
    readonly NetworkStream _output;
    readonly NetworkStream _error;
    readonly Task _listening;

    // Guards the words.
    readonly Lock _wordsGate = new();
    string _words = "";

    /// <summary>Takes a process over, and the other ends of its standard streams.</summary>
    public CommandLine(ChildProcess process, Socket input, Socket output, Socket error)
    {
        _process = process;
        _input = new NetworkStream(input, ownsSocket: true);
        _output = new NetworkStream(output, ownsSocket: true);
        _error = new NetworkStream(error, ownsSocket: true);
        _listening = ListenAsync();
    }

    /// <inheritdoc/>
    public override Stream Input => _output;

    /// <inheritdoc/>
    public override Stream Output => _input;

    /// <inheritdoc/>
    public override bool WaitsWithoutBuffer => true;

    /// <inheritdoc/>
    public override async ValueTask<string> ReadLastWordsAsync()
    {
        // Its last line may be on its way, where its end has been seen.
        using var patience = new CancellationTokenSource(_grace);
        await _listening.WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_wordsGate)
            return _words;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _input.DisposeAsync();
        await Task.Run(() =>
        {
            if (!_process.WaitForEnd(_grace))
                _process.Kill();
            _process.Dispose();
        });
        await _output.DisposeAsync();

        // What it started and left may have it open for ever.
        await _error.DisposeAsync();
        await _listening;
    }

    async Task ListenAsync()
    {
        using var reader = new StreamReader(_error, leaveOpen: true);
        try
        {
            while (await reader.ReadLineAsync() is { } line)
                Note(line);
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException)
        {
            // Closed here.
        }
    }

    void Note(string line)
    {
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
