using Vt.Settings;

namespace Vt.Output;

/// <summary>
/// Shows on standard error how far long work has come: a bar on a terminal, a plain line now and then elsewhere, nothing where
/// quiet is wanted. It looks at the work by itself, at intervals, so that the work pays nothing for being watched.
/// </summary>
sealed class ProgressDisplay : IAsyncDisposable
{
    static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(30);

    readonly MessageWriter _messages;
    readonly Surroundings _surroundings;
    readonly string _verb;
    readonly Func<ProgressSnapshot> _look;
    readonly long _start;
    readonly CancellationTokenSource _end = new();
    readonly Task _shown;

    /// <summary>Starts to watch.</summary>
    /// <param name="surroundings">Whether there is a terminal, and the clock.</param>
    /// <param name="messages">Where it is shown.</param>
    /// <param name="isQuiet">Whether nothing is to be shown.</param>
    /// <param name="verb">What is being done, in one word.</param>
    /// <param name="look">Tells how far the work has come; called from another thread.</param>
    public ProgressDisplay(Surroundings surroundings, MessageWriter messages, bool isQuiet, string verb, Func<ProgressSnapshot> look)
    {
        _messages = messages;
        _surroundings = surroundings;
        _verb = verb;
        _look = look;
        _start = surroundings.Clock.GetTimestamp();
        _shown = isQuiet ? Task.CompletedTask : ShowAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _shown;
        _end.Dispose();
        if (_surroundings.ErrorIsTerminal)
            _messages.Bar("");
    }

    /// <summary>The line that is shown.</summary>
    /// <param name="verb">What is being done.</param>
    /// <param name="now">How far it has come.</param>
    /// <param name="elapsed">How long that took.</param>
    /// <param name="width">The terminal's width, for a bar and a cut; 0 for a plain line.</param>
    public static string LineOf(string verb, in ProgressSnapshot now, TimeSpan elapsed, int width)
    {
        var rate = elapsed.TotalSeconds > 0 ? now.Bytes / elapsed.TotalSeconds : 0;
        var text = $"{verb} {HumanText.Size(now.Bytes)}{(now.TotalBytes is { } total ? "/" + HumanText.Size(total) : "")}";
        text += $", {HumanText.Count(now.Files)}{(now.TotalFiles is { } files ? "/" + HumanText.Count(files) : "")} {now.Things ?? "files"}";
        text += $", {HumanText.Size(rate)}/s, {HumanText.Duration(elapsed)}";
        if (now.TotalBytes is { } all && rate > 0 && now.Bytes <= all)
            text += $", {HumanText.Duration(TimeSpan.FromSeconds((all - now.Bytes) / rate))} left";
        if (now.NewBytes is { } fresh)
            text += $", {HumanText.Size(fresh)} new, {HumanText.Size(now.KnownBytes ?? 0)} known";
        if (width == 0)
            return text;
        const int BarWidth = 20;
        if (now.TotalBytes is > 0 && text.Length + BarWidth + 3 < width)
        {
            var full = (int)Math.Clamp(BarWidth * now.Bytes / now.TotalBytes.Value, 0, BarWidth);
            text = $"[{new string('#', full)}{new string('.', BarWidth - full)}] {text}";
        }

        return text.Length < width ? text : text[..(width - 1)];
    }

    async Task ShowAsync()
    {
        var isTerminal = _surroundings.ErrorIsTerminal;
        using var timer = new PeriodicTimer(isTerminal ? BarInterval : LineInterval, _surroundings.Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                var line = LineOf(_verb, _look(), _surroundings.Clock.GetElapsedTime(_start), isTerminal ? _surroundings.Width : 0);
                if (isTerminal)
                    _messages.Bar(line);
                else
                    _messages.Line(line);
            }
        }
        catch (OperationCanceledException)
        {
            // The work is done.
        }
    }
}
