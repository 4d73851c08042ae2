using System.ComponentModel;
using System.Diagnostics;
using Vt.Blocks.Contracts;
using Vt.Commands;
using Vt.Posix;
using Vt.Trees.Meta;
using Vt.Volumes.Commits;
using Vt.Volumes.Revisions;

namespace Vt.Versions;

/// <summary>Finds out who makes a commit: what the command says, else the environment, else vt's settings, else git's.</summary>
static class Authorship
{
    /// <summary>Who makes a commit now.</summary>
    /// <param name="context">The command.</param>
    /// <param name="cancellationToken">Gives up waiting for git.</param>
    /// <exception cref="UserErrorException">Nobody says, or what is said is no person.</exception>
    public static async ValueTask<Signature> CommitterAsync(CommandContext context, CancellationToken cancellationToken) =>
        await TryCommitterAsync(context, cancellationToken) ?? throw new UserErrorException(
            "who are you? say --author 'Name <address>' or VT_AUTHOR, or write author = Name <address> under [GLOBAL] in ~/.vtrc, or: git config --global user.name Name");

    /// <summary>Who makes a commit now.</summary>
    /// <param name="context">The command.</param>
    /// <param name="cancellationToken">Gives up waiting for git.</param>
    /// <returns>Null where nobody says.</returns>
    /// <exception cref="UserErrorException">What is said is no person.</exception>
    public static async ValueTask<Signature?> TryCommitterAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var person = context.Configuration.Author is { Value.Length: > 0 } author
            ? Person(author.Value, author.Origin.ToString())
            : await AskGitAsync(context, cancellationToken);
        return person is { } known ? Now(context, known.Name, known.Email) : null;
    }

    /// <summary>A program on this machine, for commits that no person asked for.</summary>
    public static Signature ThisMachine(CommandContext context, string program) => Now(context, program, $"root@{HostName.Read()}");

    static Signature Now(CommandContext context, string name, string email)
    {
        var now = context.Surroundings.Clock.GetLocalNow();
        return new Signature(name, email, Timestamp.From(now), now.Offset);
    }

    /// <summary>Who made the change, if the command says so.</summary>
    /// <param name="context">The command.</param>
    /// <param name="committer">Who makes the commit.</param>
    /// <param name="person">The person; null for the committer.</param>
    /// <param name="date">When; null for the moment of the commit.</param>
    /// <exception cref="UserErrorException">What is said is no person, or no date.</exception>
    public static Signature Author(CommandContext context, Signature committer, string? person, string? date)
    {
        var (name, email) = person is null ? (committer.Name, committer.Email) : Person(person, "--author");
        var clock = context.Surroundings.Clock;
        var (when, offset) = (committer.When, committer.Offset);
        if (date is not null)
        {
            if (!LooseDate.TryParse(date, clock.GetUtcNow(), clock.LocalTimeZone, out when, out _))
                throw new UserErrorException($"--date: '{date}' is no date; write 2026-11-21, 2026-11-21T07:30 or yesterday");
            offset = clock.LocalTimeZone.GetUtcOffset(when.ToDateTimeOffset());
        }

        return new Signature(name, email, when, offset);
    }

    static (string Name, string Email) Person(string text, string where) => Signature.TryParsePerson(text, out var name, out var email)
        ? (name, email)
        : throw new UserErrorException($"{where}: '{text}' is no person; write 'Name <address>'");

    static async ValueTask<(string Name, string Email)?> AskGitAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (await GitSettingAsync(context, "user.name", cancellationToken) is { Length: > 0 } name)
        {
            var email = await GitSettingAsync(context, "user.email", cancellationToken) ?? "";
            return Person($"{name} <{email}>", "git config");
        }

        return null;
    }

    // git's own files have includes and conditions that only git knows.
    static async ValueTask<string?> GitSettingAsync(CommandContext context, string key, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("git")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = context.Surroundings.CurrentDirectory,
        };
        foreach (var argument in (string[])["config", "--get", key])
            start.ArgumentList.Add(argument);
        if (context.Surroundings.Environment("HOME") is { } home)
            start.Environment["HOME"] = home;
        try
        {
            using var git = Process.Start(start);
            if (git is null)
                return null;
            var errors = git.StandardError.ReadToEndAsync(cancellationToken);
            var text = await git.StandardOutput.ReadToEndAsync(cancellationToken);
            await errors;
            await git.WaitForExitAsync(cancellationToken);
            return git.ExitCode == 0 ? text.Trim() : null;
        }
        catch (Win32Exception)
        {
            // There is no git.
            return null;
        }
    }
}
