using Vt.Blocks.Contracts;

namespace Vt.Dvol;

/// <summary>dvol config.</summary>
static class DvolConfig
{
    /// <summary>Shows, sets or lists settings.</summary>
    public static Task RunAsync(DvolSession session, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        switch (session.Line.Arguments, session.Line.Has("list"))
        {
            case ([], true):
                foreach (var key in DvolSettings.Keys)
                    session.Output.WriteLine($"{key}={session.Settings.Read(key)}");
                break;
            case ([], false):
                throw new UserErrorException("No operation specified");
            case ([var key], false):
                if (session.Settings.Read(key) is { Length: > 0 } text)
                    session.Output.WriteLine(text);
                break;
            case ([var key, var value], false):
                if (Vt.Volumes.Commits.Signature.CheckText(value, key) is { } fault)
                    throw new UserErrorException($"Error: {fault}");
                session.Settings.Write(key, value);
                break;
            default:
                throw new UserErrorException("Too many arguments");
        }

        return Task.CompletedTask;
    }
}
