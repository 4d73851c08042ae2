using System.Globalization;
using Vt.Blocks.Encoding;
using Vt.Output;
using Vt.References;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Operations;

/// <summary>All that is stored about an entry: what <c>vt stat</c> and <c>inspect</c> of a session show.</summary>
/// <param name="Text">What the entry was called.</param>
/// <param name="Inode">The entry; of a hard link the inode.</param>
/// <param name="Xattrs">Its attributes.</param>
/// <param name="Target">A symbolic link's target; null of anything else.</param>
/// <param name="Entries">How many entries a directory has; null of anything else.</param>
sealed record EntryReport(string Text, Dirent Inode, XattrSet Xattrs, byte[]? Target, long? Entries)
{
    /// <summary>Looks an entry up.</summary>
    public static async ValueTask<EntryReport> LoadAsync(OpenTrees trees, string text, Dirent entry, CancellationToken cancellationToken)
    {
        var xattrs = await StoredXattrs.LoadAsync(entry.Metadata.Xattrs, trees.Store, cancellationToken);
        var target = entry.Kind == DirentKind.Symlink ? await trees.TargetOfAsync(entry, cancellationToken) : null;
        var entries = entry.Kind == DirentKind.Directory
            ? (await trees.Directories.GetRootAsync(entry.Content, cancellationToken: cancellationToken)).Entries
            : (long?)null;
        return new EntryReport(text, entry, xattrs, target, entries);
    }

    /// <summary>Prints it, a line for each thing.</summary>
    public void Print(ResultWriter output, TimeZoneInfo zone)
    {
        var metadata = Inode.Metadata;
        Row(output, "Ref", TerminalText.Visible(Text));
        Row(output, "Kind", DirentText.KindOf(Inode.Kind) + (Target is null ? "" : " -> " + NameText.Of(Target)));
        if (Inode.Kind is DirentKind.File or DirentKind.Symlink)
            Row(output, "Size", Inode.Size.ToString(CultureInfo.InvariantCulture));
        if (Entries is { } count)
            Row(output, "Entries", count.ToString(CultureInfo.InvariantCulture));
        if (metadata.Device is { } device)
            Row(output, "Device", string.Create(CultureInfo.InvariantCulture, $"{device.Major}, {device.Minor}"));
        Row(output, "Mode", $"{Convert.ToString(metadata.Mode, 8).PadLeft(4, '0')} {DirentText.ModeOf(Inode)}");
        Row(output, "Owner", $"{metadata.Uid} {NameText.Of(metadata.UserName.Span)}".TrimEnd());
        Row(output, "Group", $"{metadata.Gid} {NameText.Of(metadata.GroupName.Span)}".TrimEnd());
        Row(output, "Links", DirentText.LinksOf(Inode).ToString(CultureInfo.InvariantCulture));
        Row(output, "Modified", DirentText.ExactOf(metadata.ModificationTime, zone));
        Row(output, "Changed", DirentText.ExactOf(metadata.ChangeTime, zone));
        Row(output, "Born", DirentText.ExactOf(metadata.BirthTime, zone));
        if (Inode.Uuid is { } uuid)
            Row(output, "UUID", uuid.ToString("D"));
        foreach (var xattr in Xattrs.Items)
            Row(output, "Xattr", $"{NameText.Of(xattr.Name.Span)}={TextBytes.Quote(xattr.Value.Span)}");
        Row(output, "Content", Inode.Content.ToString());
        Row(output, "Text", Inode.ToString());
    }

    /// <summary>Prints it as a JSON object.</summary>
    public void PrintJson(ResultWriter output)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        NameText.WriteJson(json, "reference", LosslessText.ToBytes(Text));
        NameText.WriteJson(json, "name", Inode.Name.Span);
        DirentText.WriteJson(json, Inode);
        if (Target is not null)
            NameText.WriteJson(json, "target", Target);
        if (Entries is { } count)
            json.WriteNumber("entries", count);
        json.WriteStartObject("xattrs_base64");
        foreach (var xattr in Xattrs.Items)
            json.WriteBase64String(NameText.Of(xattr.Name.Span), xattr.Value.Span);
        json.WriteEndObject();
        json.WriteString("text", Inode.ToString());
        json.WriteEndObject();
        output.EndJson();
    }

    /// <summary>Prints one line.</summary>
    public static void Row(ResultWriter output, string label, string value) => output.WriteLine($"{label + ":",-9} {value}");
}
