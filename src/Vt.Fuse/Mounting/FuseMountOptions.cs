using System.Globalization;
using System.Text;
using Vt.Posix.Mounts;

namespace Vt.Fuse.Mounting;

/// <summary>How to mount, as the options of mount(8) and fstab(5) say it.</summary>
public sealed record FuseMountOptions
{
    /// <summary>Whether other users than the one who mounts may use it.</summary>
    public bool AllowOther { get; init; }

    /// <summary>Whether the kernel checks permissions by mode, owner and group.</summary>
    public bool DefaultPermissions { get; init; }

    /// <summary>Flags of the mount itself; fusermount3 adds nosuid and nodev for users.</summary>
    public MountFlags Flags { get; init; }

    /// <summary>Owner that all files are to show; null shows their own. The filesystem's matter, not the kernel's.</summary>
    public uint? Uid { get; init; }

    /// <summary>Group that all files are to show; null shows their own. The filesystem's matter, not the kernel's.</summary>
    public uint? Gid { get; init; }

    /// <summary>The source in the mount table.</summary>
    public string FileSystemName { get; init; } = "vt";

    /// <summary>The type in the mount table is <c>fuse.</c> and this.</summary>
    public string Subtype { get; init; } = "vt";

    /// <summary>Most bytes of one read; null is as much as one write.</summary>
    public int? MaxRead { get; init; }

    /// <summary>Whether a helper process unmounts when this one dies; always mounts through fusermount3.</summary>
    public bool AutoUnmount { get; init; }

    /// <summary>The type in the mount table.</summary>
    public string Type => "fuse." + Subtype;

    /// <summary>Reads options separated by commas; a backslash before a comma or backslash makes it part of a value.</summary>
    /// <param name="text">For example <c>ro,allow_other,uid=1000</c>.</param>
    /// <param name="takeOther">
    /// Offered what isn't known here, with its value or null; answers whether it was taken. Null takes nothing.
    /// </param>
    /// <exception cref="FormatException">An option is unknown, or its value isn't what it takes; the message names it.</exception>
    public static FuseMountOptions Parse(string text, Func<string, string?, bool>? takeOther = null)
    {
        var options = new FuseMountOptions();
        foreach (var item in Split(text))
        {
            var equals = item.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? item : item[..equals];
            var value = equals < 0 ? null : item[(equals + 1)..];
            options = options.With(name, value) ?? TakeOther(options, name, value, takeOther);
        }

        return options;
    }

    /// <summary>The kernel's own options, without the descriptor.</summary>
    internal string KernelOptions()
    {
        var text = new StringBuilder();
        if (AllowOther)
            text.Append(",allow_other");
        if (DefaultPermissions)
            text.Append(",default_permissions");
        if (MaxRead is { } maxRead)
            text.Append(CultureInfo.InvariantCulture, $",max_read={maxRead}");
        return text.ToString();
    }

    /// <summary>What fusermount3 takes.</summary>
    internal string HelperOptions()
    {
        var text = new StringBuilder();
        text.Append("fsname=").Append(Escape(FileSystemName)).Append(",subtype=").Append(Escape(Subtype)).Append(KernelOptions());
        foreach (var (name, flag, set) in MountFlagNames.All)
        {
            if (set && Flags.HasFlag(flag))
                text.Append(',').Append(name);
        }

        if (AutoUnmount)
            text.Append(",auto_unmount");
        return text.ToString();
    }

    static FuseMountOptions TakeOther(FuseMountOptions options, string name, string? value, Func<string, string?, bool>? takeOther)
    {
        // What mount(8) and fstab(5) keep for themselves reaches helpers too.
        var isForeign = name is "defaults" or "auto" or "noauto" or "user" or "nouser" or "users" or "owner" or "group" or "nofail"
            or "_netdev" or "rw" || name.StartsWith("x-", StringComparison.Ordinal) || name is "comment";
        if (isForeign || (takeOther?.Invoke(name, value) ?? false))
            return options;
        throw new FormatException($"the mount option \"{name}\" is not known");
    }

    static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal);

    static IEnumerable<string> Split(string text)
    {
        var item = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is ',' or '\\')
            {
                item.Append(text[++i]);
            }
            else if (text[i] == ',')
            {
                if (item.Length > 0)
                    yield return item.ToString();
                item.Clear();
            }
            else
            {
                item.Append(text[i]);
            }
        }

        if (item.Length > 0)
            yield return item.ToString();
    }

    static uint Number(string name, string? value) =>
        uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"the mount option \"{name}\" takes a number, not \"{value}\"");

    static string Text(string name, string? value) =>
        string.IsNullOrEmpty(value) ? throw new FormatException($"the mount option \"{name}\" takes a value") : value;

    FuseMountOptions? With(string name, string? value)
    {
        switch (name)
        {
            case "uid":
                return this with { Uid = Number(name, value) };
            case "gid":
                return this with { Gid = Number(name, value) };
            case "fsname":
                return this with { FileSystemName = Text(name, value) };
            case "subtype":
                return this with { Subtype = Text(name, value) };
            case "max_read":
                return this with { MaxRead = (int)Math.Min(Number(name, value), int.MaxValue) };
        }

        if (name is not ("allow_other" or "default_permissions" or "auto_unmount") && MountFlagNames.Find(name) is null)
            return null;
        if (value is not null)
            throw new FormatException($"the mount option \"{name}\" takes no value");
        return name switch
        {
            "allow_other" => this with { AllowOther = true },
            "default_permissions" => this with { DefaultPermissions = true },
            "auto_unmount" => this with { AutoUnmount = true },
            _ => WithFlag(MountFlagNames.Find(name)!.Value),
        };
    }

    FuseMountOptions WithFlag((string Name, MountFlags Flag, bool Set) known) =>
        this with { Flags = known.Set ? Flags | known.Flag : Flags & ~known.Flag };
}
