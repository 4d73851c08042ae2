using System.Globalization;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Commands;
using Vt.Files;
using Vt.Files.Access;
using Vt.Fuse.Mounting;
using Vt.Fuse.Session;
using Vt.Posix.Mounts;

namespace Vt.Mounts;

/// <summary>What the options behind <c>-o</c> ask for.</summary>
sealed record MountChoices
{
    /// <summary>How the kernel is to mount.</summary>
    public required FuseMountOptions Mount { get; init; }

    /// <summary>The path in the tree that is mounted.</summary>
    public string SubPath { get; private init; } = "";

    /// <summary>How a tree is shown for reading.</summary>
    public ReadOnlyFileSystemOptions View { get; private init; } = new();

    /// <summary>How a live file system works.</summary>
    public LiveFileSystemOptions Live { get; private init; } = new();

    /// <summary>Whether requests travel by io_uring.</summary>
    public IoUringUse IoUring { get; private init; } = IoUringUse.Automatic;

    /// <summary>Whether the kernel is to read the flat copies of a live mount by itself.</summary>
    public bool IsPassthrough { get; private init; }

    /// <summary>Whether a copy is mounted that is thrown away at the end.</summary>
    public bool IsFork { get; private init; }

    /// <summary>The state folder of a live mount; null for the one beside the archive.</summary>
    public string? StateFolder { get; private init; }

    /// <summary>An option that was said and that only a mount for writing has; null where none was.</summary>
    public string? LiveOption { get; private init; }

    /// <summary>Whether <c>ro</c> was said.</summary>
    public bool IsReadOnly => Mount.Flags.HasFlag(MountFlags.MS_RDONLY);

    /// <summary>Reads the options.</summary>
    /// <param name="context">The command.</param>
    /// <param name="options">What was said.</param>
    /// <param name="special">What is mounted, as mount(8) will show it.</param>
    /// <exception cref="UserErrorException">An option isn't known, or its value can't be read.</exception>
    public static MountChoices Parse(CommandContext context, IEnumerable<string>? options, string special)
    {
        var choices = new MountChoices { Mount = new FuseMountOptions() };
        try
        {
            var mount = FuseMountOptions.Parse(string.Join(',', options ?? []), (name, value) =>
            {
                var taken = choices.TryTake(context, name, value);
                choices = taken ?? choices;
                if (taken is not null && name is "append" or "state" or "commit" or "maxsize" or "exclude" or "include" or "flat_cache" or "passthrough" or "fork")
                    choices = choices with { LiveOption = name };
                return taken is not null;
            });
            return choices with
            {
                Mount = mount with { FileSystemName = special.Replace(',', '_') },
                View = choices.View with { Uid = choices.View.Uid ?? mount.Uid, Gid = choices.View.Gid ?? mount.Gid },
            };
        }
        catch (FormatException e)
        {
            throw new UserErrorException($"-o: {e.Message}", e);
        }
    }

    /// <summary>Refuses what only a mount for writing can do.</summary>
    public void CheckStored()
    {
        if (LiveOption is { } name)
            throw new UserErrorException($"-o {name}: only a mount for writing has that; leave it out, or -r, -a and ro");
    }

    /// <summary>Refuses what only a mount for reading can do.</summary>
    public void CheckLive()
    {
        if ((View.Uid ?? View.Gid) is not null)
            throw new UserErrorException("-o uid=, gid=: a mount for writing keeps owners apart; say uidmap=STORED:SHOWN and gidmap=, or -r as well");
    }

    MountChoices? TryTake(CommandContext context, string name, string? value)
    {
        switch (name)
        {
            case "subpath" when value is not null:
                return this with { SubPath = value.Trim('/') };
            case "uid" or "gid" when uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id):
                return this with { View = name == "uid" ? View with { Uid = id } : View with { Gid = id } };
            case "dir_cache" when value is not null:
                var folders = FileRange.ParseSize(value);
                return this with { Live = Live with { DirectoryCacheBytes = folders }, View = View with { DirectoryCacheBytes = folders } };
            case "read_ahead" when value is not null:
                var ahead = FileRange.ParseSize(value);
                return this with { Live = Live with { ReadAheadBytes = ahead }, View = View with { ReadAheadBytes = ahead } };
            case "maxsize" when value is not null:
                return this with { Live = Live with { MostContent = FileRange.ParseSize(value) } };
            case "flat_cache" when value is not null:
                return this with { Live = Live with { FlatBytes = FileRange.ParseSize(value) } };
            case "passthrough" when value is null:
                return this with { IsPassthrough = true };
            case "io_uring" when value is "auto" or "on" or "off":
                return this with { IoUring = value == "auto" ? IoUringUse.Automatic : value == "on" ? IoUringUse.On : IoUringUse.Off };
            case "uidmap" or "gidmap" when value is not null:
                return WithIdentities(name, value);
            case "fork" when value is null:
                return this with { IsFork = true, Live = Live with { IsTemporary = true } };
            case "append" when value is null:
                return this with { Live = Live with { IsAppendOnly = true } };
            case "exclude" or "include" when value is not null:
                return WithRule(name, value);
            case "state" when !string.IsNullOrEmpty(value):
                return this with { StateFolder = context.PathFromHere(value) };
            case "commit" when double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0.01 and <= 86400:
                return this with { Live = Live with { CheckpointInterval = TimeSpan.FromSeconds(seconds) } };
            default:
                return null;
        }
    }

    // An empty pattern takes back what was said before it, and what the state folder remembers.
    MountChoices WithRule(string name, string pattern)
    {
        var rules = Live.Rules ?? LocalRules.None;
        if (pattern.Length == 0 && name == "exclude")
            return this with { Live = Live with { Rules = LocalRules.None } };
        try
        {
            return this with { Live = Live with { Rules = rules.With(LosslessText.ToBytes(pattern), name == "exclude") } };
        }
        catch (UserErrorException fault)
        {
            throw new UserErrorException($"-o {name}={pattern}: {fault.Message}", fault);
        }
    }

    MountChoices WithIdentities(string name, string value)
    {
        var map = Live.Identities ?? new IdentityMap();
        if (!(name == "uidmap" ? map.TryAddUsers(value) : map.TryAddGroups(value)))
            throw new UserErrorException($"-o {name}={value}: it takes STORED:SHOWN or STORED:SHOWN:COUNT, numbers that no other {name} has");
        return this with { Live = Live with { Identities = map }, View = View with { Identities = map } };
    }
}
