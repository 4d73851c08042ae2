using System.Globalization;
using Vt.Blocks.Contracts;
using Vt.Hosts.DockerEngine;
using Vt.Output;

namespace Vt.Docker;

/// <summary>
/// What a container asks to be run in it around a commit: its labels <c>vt.quiesce</c> and <c>vt.resume</c>, lines for its shell, and <c>vt.timeout</c>, how many seconds each may take.
/// </summary>
/// <param name="Name">The container's name.</param>
/// <param name="Id">Its id.</param>
/// <param name="Quiesce">What makes it quiet; null for nothing.</param>
/// <param name="Resume">What lets it go on; null for nothing.</param>
/// <param name="Limit">How long each may take.</param>
sealed record ContainerHooks(string Name, string Id, string? Quiesce, string? Resume, TimeSpan Limit)
{
    /// <summary>The label of what is run before.</summary>
    public const string QuiesceLabel = "vt.quiesce";

    /// <summary>The label of what is run after, whatever happened between.</summary>
    public const string ResumeLabel = "vt.resume";

    /// <summary>The label of how long each may take.</summary>
    public const string LimitLabel = "vt.timeout";

    static readonly TimeSpan UsualLimit = TimeSpan.FromSeconds(30);

    /// <summary>What a container asks for; null for nothing.</summary>
    /// <exception cref="UserErrorException">The limit is no number of seconds.</exception>
    public static ContainerHooks? Find(VolumeUser user)
    {
        var (quiesce, resume) = (user.Labels.GetValueOrDefault(QuiesceLabel), user.Labels.GetValueOrDefault(ResumeLabel));
        if (quiesce is null && resume is null)
            return null;
        var limit = UsualLimit;
        if (user.Labels.GetValueOrDefault(LimitLabel) is { } said)
        {
            if (!double.TryParse(said, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) || seconds is <= 0 or > 3600)
                throw new UserErrorException($"container {user.Name}: its label {LimitLabel} is '{said}', and should be a number of seconds up to 3600");
            limit = TimeSpan.FromSeconds(seconds);
        }

        return new ContainerHooks(user.Name, user.Id, quiesce, resume, limit);
    }

    /// <summary>Makes it quiet.</summary>
    /// <exception cref="UserErrorException">It failed, or took too long.</exception>
    public Task QuiesceAsync(EngineClient engine, CancellationToken cancellationToken) => RunAsync(engine, QuiesceLabel, Quiesce, cancellationToken);

    /// <summary>Lets it go on.</summary>
    /// <exception cref="UserErrorException">It failed, or took too long.</exception>
    public Task ResumeAsync(EngineClient engine, CancellationToken cancellationToken) => RunAsync(engine, ResumeLabel, Resume, cancellationToken);

    async Task RunAsync(EngineClient engine, string label, string? line, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(line))
            return;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var outcome = await engine.RunAsync(Id, ["/bin/sh", "-c", line], limit.Token);
            if (outcome.ExitCode != 0)
                throw new UserErrorException($"container {Name}: {label} ended with status {outcome.ExitCode}{Words(outcome.Output)}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UserErrorException($"container {Name}: {label} has not ended within {Limit.TotalSeconds:0.###} seconds (label {LimitLabel})");
        }
    }

    static string Words(string output)
    {
        var last = output.TrimEnd().Split('\n')[^1];
        return last.Length == 0 ? "" : $": {TerminalText.Visible(last)}";
    }
}
