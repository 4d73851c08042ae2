namespace Vt.Output;

/// <summary>Breaks text into lines at blanks.</summary>
static class TextWrap
{
    /// <summary>The lines of one paragraph, each at most <paramref name="width"/> characters unless one word is longer.</summary>
    public static List<string> Lines(string text, int width)
    {
        var lines = new List<string>();
        var start = 0;
        while (start < text.Length)
        {
            var end = Math.Min(start + width, text.Length);
            if (end < text.Length && text[end] != ' ')
            {
                var blank = text.LastIndexOf(' ', end - 1, end - start);
                if (blank <= start)
                    blank = text.IndexOf(' ', end);
                end = blank < 0 ? text.Length : blank;
            }

            lines.Add(text[start..end].TrimEnd());
            start = end;
            while (start < text.Length && text[start] == ' ')
                start++;
        }

        if (lines.Count == 0)
            lines.Add("");
        return lines;
    }
}
