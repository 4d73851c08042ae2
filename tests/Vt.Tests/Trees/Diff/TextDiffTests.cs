using System.Buffers;
using System.Text;
using Vt.Trees.Diff.Text;

namespace Vt.Tests.Trees.Diff;

/// <summary>Differences of texts, applied by a small program of their own as patch(1) would.</summary>
public sealed class TextDiffTests
{
    [Fact]
    public void A_patch_applied_to_the_one_text_gives_the_other_with_the_fewest_lines() => Samples.ForAll(
        static random => random,
        random =>
        {
            var (before, after) = (Text(random, random.Next(40)), Text(random, random.Next(40)));
            var diff = new TextDiff(before, after);
            Assert.Equal(after, Apply(before, Patch(diff, random.Next(4))));
            var (left, right) = (Lines(before), Lines(after));
            var common = LongestCommon(left, right);
            Assert.Equal((left.Count - common, right.Count - common), (diff.LinesRemoved, diff.LinesAdded));
            Assert.Equal(after.Length - before.Length, diff.BytesAdded - diff.BytesRemoved);
        },
        tests: 1000);

    [Fact]
    public void Long_texts_that_have_little_in_common_have_a_patch_too() => Samples.ForAll(
        static random => random,
        random =>
        {
            var (before, after) = (Text(random, 4000, words: 300), Text(random, 4000, words: 300));
            Assert.Equal(after, Apply(before, Patch(new TextDiff(before, after), 3)));
        },
        tests: 5);

    [Theory]
    [InlineData("", "", "")]
    [InlineData("a\n", "a\n", "")]
    [InlineData("", "a\n", "@@ -0,0 +1 @@\n+a\n")]
    [InlineData("a\nb\n", "", "@@ -1,2 +0,0 @@\n-a\n-b\n")]
    [InlineData("a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n")]
    [InlineData("a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n")]
    [InlineData("a\nb", "x\nb", "@@ -1,2 +1,2 @@\n-a\n+x\n b\n\\ No newline at end of file\n")]
    [InlineData("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "0\n2\n3\n4\n5\n6\n7\n8\n0\n", "@@ -1,4 +1,4 @@\n-1\n+0\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+0\n")]
    public void Hunks_are_written_as_diff_writes_them(string before, string after, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(Patch(new TextDiff(Encoding.UTF8.GetBytes(before), Encoding.UTF8.GetBytes(after)), 3)));

    static byte[] Text(Random random, int lines, int words = 5)
    {
        var text = new StringBuilder();
        for (var i = 0; i < lines; i++)
            text.Append(random.Next(words)).Append('\n');
        if (text.Length > 0 && random.Next(3) == 0)
            text.Length--;
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    static byte[] Patch(TextDiff diff, int context)
    {
        var patch = new ArrayBufferWriter<byte>();
        diff.Write(patch, context);
        return patch.WrittenSpan.ToArray();
    }

    static List<string> Lines(byte[] text)
    {
        var lines = new List<string>();
        for (var rest = Encoding.UTF8.GetString(text); rest.Length > 0;)
        {
            var end = rest.IndexOf('\n', StringComparison.Ordinal) + 1;
            end = end == 0 ? rest.Length : end;
            lines.Add(rest[..end]);
            rest = rest[end..];
        }

        return lines;
    }

    static byte[] Apply(byte[] before, byte[] patch)
    {
        var (old, made, at) = (Lines(before), new StringBuilder(), 0);
        var lines = Lines(patch);
        for (var i = 0; i < lines.Count; i++)
        {
            var isCut = i + 1 < lines.Count && lines[i + 1][0] == '\\';
            var text = isCut ? lines[i][1..^1] : lines[i][1..];
            if (lines[i][0] == '@')
            {
                var range = lines[i].Split(' ')[1][1..].Split(',');
                var start = int.Parse(range[0], null) - (range is [_, "0"] ? 0 : 1);
                for (; at < start; at++)
                    made.Append(old[at]);
            }
            else if (lines[i][0] is ' ' or '-')
            {
                Assert.Equal(old[at++], text);
                made.Append(lines[i][0] == ' ' ? text : "");
            }
            else if (lines[i][0] == '+')
            {
                made.Append(text);
            }
        }

        for (; at < old.Count; at++)
            made.Append(old[at]);
        return Encoding.UTF8.GetBytes(made.ToString());
    }

    static int LongestCommon(List<string> left, List<string> right)
    {
        var length = new int[left.Count + 1, right.Count + 1];
        for (var i = left.Count - 1; i >= 0; i--)
        {
            for (var j = right.Count - 1; j >= 0; j--)
                length[i, j] = left[i] == right[j] ? length[i + 1, j + 1] + 1 : Math.Max(length[i + 1, j], length[i, j + 1]);
        }

        return length[0, 0];
    }
}
