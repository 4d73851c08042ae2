using System.Text;
using System.Text.Unicode;
using Vt.Trees.Diff;
using Vt.Trees.Dirents;

namespace Vt.Output;

/// <summary>Writes what changed in files as a patch that git apply and patch(1) take: git's headers, and unified diffs.</summary>
static class PatchText
{
    const uint OwnerMayRun = 0x40;
    const string LinkMode = "120000";

    /// <summary>The parts of a change that a patch can say: a path that became another kind goes, and comes again; directories and devices are in no patch.</summary>
    public static IEnumerable<TreeChange> PartsOf(TreeChange change)
    {
        if (change.Before?.Kind == change.After?.Kind)
        {
            if (ContentDiff.HasContent(change.After))
                yield return change;
            yield break;
        }

        if (ContentDiff.HasContent(change.Before))
            yield return change with { Kind = TreeChangeKind.Removed, After = null };
        if (ContentDiff.HasContent(change.After))
            yield return change with { Kind = TreeChangeKind.Added, Before = null };
    }

    /// <summary>Writes one such part; nothing where only owners, attributes or times differ.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="content">The change.</param>
    /// <param name="context">How many equal lines stand around changes.</param>
    public static void Print(ResultWriter output, ContentChange content, int context)
    {
        var change = content.Change;
        var path = change.Path.IsEmpty ? (change.After ?? change.Before)!.Name.Span : change.Path.Span;
        var (before, after) = (Quoted("a/"u8, path), Quoted("b/"u8, path));
        var (oldMode, newMode) = (ModeOf(change.Before), ModeOf(change.After));
        var isSame = content.Text is null ? content.BytesAdded + content.BytesRemoved == 0 : content.Text.LinesAdded + content.Text.LinesRemoved == 0;
        if (isSame && oldMode == newMode)
            return;
        Line(output, "diff --git ", before, " ", after);
        if (oldMode is null)
            output.WriteLine($"new file mode {newMode}");
        else if (newMode is null)
            output.WriteLine($"deleted file mode {oldMode}");
        else if (oldMode != newMode || oldMode == LinkMode) // without it patch(1) takes a link for a file
            output.WriteLine($"old mode {oldMode}\nnew mode {newMode}");
        if (isSame)
            return;
        before = oldMode is null ? "/dev/null"u8.ToArray() : before;
        after = newMode is null ? "/dev/null"u8.ToArray() : after;
        if (content.Text is not { } text)
        {
            var whole = Math.Max(change.Before?.Size ?? 0, change.After?.Size ?? 0);
            Line(output, "Binary files ", before, " and ", after, $" differ, {Math.Max(content.BytesAdded, content.BytesRemoved)} of {whole} bytes changed");
            return;
        }

        Line(output, "--- ", before);
        Line(output, "+++ ", after);
        text.Write(output, context);
    }

    // What git keeps of a mode.
    static string? ModeOf(Dirent? entry) => entry switch
    {
        null => null,
        { Kind: DirentKind.Symlink } => LinkMode,
        _ => (entry.Metadata.Mode & OwnerMayRun) != 0 ? "100755" : "100644",
    };

    // As git quotes names that have control characters, quotes, backslashes or bytes that aren't UTF-8; and those with blanks, whose end patch(1) doesn't find otherwise.
    static byte[] Quoted(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> path)
    {
        byte[] name = [.. prefix, .. path];
        if (Utf8.IsValid(name) && !Array.Exists(name, static b => b is <= 32 or 127 or (byte)'"' or (byte)'\\'))
            return name;
        var text = new StringBuilder("\"");
        foreach (var b in name)
        {
            if (b is (byte)'"' or (byte)'\\')
                text.Append('\\').Append((char)b);
            else if (b is < 32 or > 126)
                text.Append('\\').Append(Convert.ToString(b, 8).PadLeft(3, '0'));
            else
                text.Append((char)b);
        }

        return Encoding.ASCII.GetBytes(text.Append('"').ToString());
    }

    static void Line(ResultWriter output, string one, byte[] name, string behind = "", byte[]? other = null, string end = "")
    {
        output.Write(one);
        output.WriteBytes(name);
        output.Write(behind);
        output.WriteBytes(other);
        output.WriteLine(end);
    }
}
