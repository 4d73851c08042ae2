using Vt.Output;

namespace Vt.Settings;

/// <summary>
/// Speaks the language of mount(8) to its helpers: <c>mount.TYPE SPECIAL DIR [-sfnv] [-N namespace] [-o options] [-t type]</c>.
/// Options that mean something to mount(8), fstab(5) or systemd alone are dropped here, the others go on to <c>vt mount</c>.
/// </summary>
static class MountHelper
{
    /// <summary>Turns a helper's arguments into those of <c>vt mount --daemon</c>.</summary>
    /// <returns>The arguments; or none and the exit status, on a dry run or where it has been said what is wrong.</returns>
    public static (string[]? Arguments, int Code) Translate(string[] arguments, MessageWriter messages)
    {
        var places = new List<string>();
        var options = new List<string>();
        var isReadOnly = false;
        var isDryRun = false;
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            if (argument is ("-o" or "-t" or "-N") && i + 1 == arguments.Length)
                return Refuse($"{argument} needs a value", messages);
            if (argument == "-o")
                AddOptions(arguments[++i], options, ref isReadOnly);
            else if (argument is "-t" or "-N")
                i++;
            else if (argument is ['-', _, ..] && argument.AsSpan(1).Trim("rsfnvw").Length > 0)
                return Refuse($"option {argument} is none that mount(8) passes on", messages);
            else if (argument is ['-', _, ..])
            {
                isReadOnly |= argument.Contains('r', StringComparison.Ordinal);
                isDryRun |= argument.Contains('f', StringComparison.Ordinal);
            }
            else
                places.Add(argument);
        }

        if (places.Count != 2)
            return Refuse("what is wanted is SPECIAL DIR [-o OPTIONS]", messages);
        if (isDryRun)
            return (null, ExitCode.Ok);
        List<string> translated = ["mount", "--daemon"];
        if (isReadOnly)
            translated.Add("-r");
        if (options.Count > 0)
            translated.AddRange(["-o", string.Join(',', options)]);
        translated.AddRange(["--", places[0], places[1]]);
        return (translated.ToArray(), ExitCode.Ok);
    }

    static void AddOptions(string list, List<string> options, ref bool isReadOnly)
    {
        foreach (var option in list.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (option == "ro")
                isReadOnly = true;
            else if (!IsForOthers(option))
                options.Add(option);
        }
    }

    /// <summary>Whether an option speaks to mount(8), fstab(5), systemd.mount(5) or the like, and never reaches a filesystem.</summary>
    static bool IsForOthers(string option) =>
        option is "rw" or "defaults" or "auto" or "noauto" or "user" or "nouser" or "users" or "owner" or "group" or "nofail" or "_netdev" or "async"
        || option.StartsWith("x-", StringComparison.Ordinal)
        || option.StartsWith("X-", StringComparison.Ordinal)
        || option.StartsWith("comment=", StringComparison.Ordinal)
        || option.StartsWith("uhelper=", StringComparison.Ordinal)
        || option.StartsWith("helper=", StringComparison.Ordinal);

    static (string[]? Arguments, int Code) Refuse(string what, MessageWriter messages)
    {
        messages.Say(what);
        return (null, ExitCode.Usage);
    }
}
