using System.CommandLine;
using System.Globalization;
using Vt.Blocks.Encoding;
using Vt.Output;
using Vt.References;
using Vt.Settings;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Commands;

/// <summary>Shows all that is known of entries.</summary>
sealed class StatVerb : Verb
{
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line");
    readonly Argument<string[]> _references = new("REF") { Description = "The entries", Arity = ArgumentArity.OneOrMore };

    /// <summary>Makes the command.</summary>
    public StatVerb()
        : base("stat", "Show all that is stored about files and directories")
    {
        Options.Add(_json);
        Arguments.Add(_references);
    }

    /// <inheritdoc/>
    public override string Details => ReferenceHelp.Text;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt stat home.vt", "Show the root: its last line is a text that every command takes."),
        ("vt stat home.vt/notes.txt --json", "Show a file's metadata and block reference for a program."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var trees = await OpenTrees.OpenAsync(context, cancellationToken);
        foreach (var text in context.Get(_references))
        {
            var (entry, _) = await trees.FindAsync(text, cancellationToken);
            var xattrs = await StoredXattrs.LoadAsync(entry.Metadata.Xattrs, trees.Store, cancellationToken);
            var target = entry.Kind == DirentKind.Symlink ? await trees.TargetOfAsync(entry, cancellationToken) : null;
            var entries = entry.Kind == DirentKind.Directory
                ? (await trees.Directories.GetRootAsync(entry.Content, cancellationToken: cancellationToken)).Entries
                : (long?)null;
            if (context.Get(_json))
                PrintJson(context.Output, text, entry, xattrs, target, entries);
            else
                PrintText(context, text, entry, xattrs, target, entries);
        }

        return ExitCode.Ok;
    }

    static void PrintText(CommandContext context, string text, Dirent inode, XattrSet xattrs, byte[]? target, long? entries)
    {
        var output = context.Output;
        var zone = context.Surroundings.Clock.LocalTimeZone;
        var metadata = inode.Metadata;
        Row(output, "Ref", TerminalText.Visible(text));
        Row(output, "Kind", DirentText.KindOf(inode.Kind) + (target is null ? "" : " -> " + NameText.Of(target)));
        if (inode.Kind is DirentKind.File or DirentKind.Symlink)
            Row(output, "Size", inode.Size.ToString(CultureInfo.InvariantCulture));
        if (entries is { } count)
            Row(output, "Entries", count.ToString(CultureInfo.InvariantCulture));
        if (metadata.Device is { } device)
            Row(output, "Device", string.Create(CultureInfo.InvariantCulture, $"{device.Major}, {device.Minor}"));
        Row(output, "Mode", $"{Convert.ToString(metadata.Mode, 8).PadLeft(4, '0')} {DirentText.ModeOf(inode)}");
        Row(output, "Owner", $"{metadata.Uid} {NameText.Of(metadata.UserName.Span)}".TrimEnd());
        Row(output, "Group", $"{metadata.Gid} {NameText.Of(metadata.GroupName.Span)}".TrimEnd());
        Row(output, "Links", DirentText.LinksOf(inode).ToString(CultureInfo.InvariantCulture));
        Row(output, "Modified", DirentText.ExactOf(metadata.ModificationTime, zone));
        Row(output, "Changed", DirentText.ExactOf(metadata.ChangeTime, zone));
        Row(output, "Born", DirentText.ExactOf(metadata.BirthTime, zone));
        if (inode.Uuid is { } uuid)
            Row(output, "UUID", uuid.ToString("D"));
        foreach (var xattr in xattrs.Items)
            Row(output, "Xattr", $"{NameText.Of(xattr.Name.Span)}={TextBytes.Quote(xattr.Value.Span)}");
        Row(output, "Content", inode.Content.ToString());
        Row(output, "Text", inode.ToString());
    }

    static void Row(ResultWriter output, string label, string value) => output.WriteLine($"{label + ":",-9} {value}");

    static void PrintJson(ResultWriter output, string text, Dirent inode, XattrSet xattrs, byte[]? target, long? entries)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        NameText.WriteJson(json, "reference", LosslessText.ToBytes(text));
        NameText.WriteJson(json, "name", inode.Name.Span);
        DirentText.WriteJson(json, inode);
        if (target is not null)
            NameText.WriteJson(json, "target", target);
        if (entries is { } count)
            json.WriteNumber("entries", count);
        json.WriteStartObject("xattrs_base64");
        foreach (var xattr in xattrs.Items)
            json.WriteBase64String(NameText.Of(xattr.Name.Span), xattr.Value.Span);
        json.WriteEndObject();
        json.WriteString("text", inode.ToString());
        json.WriteEndObject();
        output.EndJson();
    }
}
