using System.Globalization;
using System.Text;

namespace Vt.Hosts.HttpServer;

/// <summary>Writes a page. What comes from a store goes through <see cref="Text"/> and nowhere else.</summary>
sealed class HtmlPage
{
    readonly StringBuilder _html = new(16 << 10);

    /// <summary>Begins a page.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="crumbs">Where it is: links from the front page on, and the page itself without one.</param>
    public HtmlPage(string title, params IReadOnlyList<(string? Url, string Label)> crumbs)
    {
        Raw("<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n<meta name=viewport content=\"width=device-width, initial-scale=1\">\n")
            .Raw("<meta name=color-scheme content=\"light dark\">\n<meta name=referrer content=same-origin>\n<title>").Text(title).Raw("</title>\n<style>\n").Raw(PageStyle.Sheet).Raw("</style>\n</head>\n<body>\n")
            .Raw(PageStyle.Icons)
            .Raw("<a class=skip href=#main>Skip to the content</a>\n<header><nav aria-label=Breadcrumb><ol class=crumbs><li><a class=home href=\"/\" title=\"Front page\">vt</a></li>");
        foreach (var (url, label) in crumbs)
        {
            if (url is null)
                Raw("<li aria-current=page><bdi>").Text(label).Raw("</bdi></li>");
            else
                Raw("<li><a href=\"").Text(url).Raw("\"><bdi>").Text(label).Raw("</bdi></a></li>");
        }

        Raw("</ol></nav></header>\n<main id=main>\n");
    }

    /// <summary>Markup as it is.</summary>
    public HtmlPage Raw(string markup)
    {
        _html.Append(markup);
        return this;
    }

    /// <summary>Text, whatever is in it.</summary>
    public HtmlPage Text(string text)
    {
        foreach (var c in text)
        {
            switch (c)
            {
                case '&':
                    _html.Append("&amp;");
                    break;
                case '<':
                    _html.Append("&lt;");
                    break;
                case '>':
                    _html.Append("&gt;");
                    break;
                case '"':
                    _html.Append("&quot;");
                    break;
                case '\'':
                    _html.Append("&#39;");
                    break;
                default:
                    // What HTML can't hold, be it escaped or not.
                    _html.Append(c is < ' ' and not ('\t' or '\n' or '\r') || c is '\u007f' or >= '\ufffe' ? '\ufffd' : c);
                    break;
            }
        }

        return this;
    }

    /// <summary>A number.</summary>
    public HtmlPage Number(long number)
    {
        _html.Append(number.ToString(CultureInfo.InvariantCulture));
        return this;
    }

    /// <summary>A link; the address is encoded already.</summary>
    public HtmlPage Link(string url, string label) => Raw("<a href=\"").Text(url).Raw("\"><bdi>").Text(label).Raw("</bdi></a>");

    /// <summary>A moment: how long ago, and exactly for who points at it.</summary>
    public HtmlPage Time(DateTimeOffset when, DateTimeOffset now) =>
        Raw("<time datetime=\"").Raw(when.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)).Raw("\" title=\"").Raw(ShownText.Exact(when)).Raw("\">")
            .Raw(ShownText.Ago(when, now)).Raw("</time>");

    /// <summary>A picture of the sheet of icons.</summary>
    public HtmlPage Icon(string name) => Raw("<svg class=icon aria-hidden=true><use href=\"#").Raw(name).Raw("\"/></svg>");

    /// <summary>Ends the page.</summary>
    public byte[] Finish()
    {
        Raw("</main>\n<footer>Served by vt, the versioned filesystem.</footer>\n</body>\n</html>\n");
        return Encoding.UTF8.GetBytes(_html.ToString());
    }
}
