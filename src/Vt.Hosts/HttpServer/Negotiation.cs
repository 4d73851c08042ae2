using System.Globalization;

namespace Vt.Hosts.HttpServer;

/// <summary>Finds what a client would rather have.</summary>
static class Negotiation
{
    /// <summary>The coding that the Accept-Encoding header likes best, of equals the one that is cheapest here.</summary>
    public static ContentCoding CodingOf(ReadOnlySpan<char> header)
    {
        var zstd = Weigh(header, "zstd");
        var gzip = Weigh(header, "gzip");
        if (zstd <= 0 && gzip <= 0)
            return ContentCoding.Identity;
        return zstd >= gzip ? ContentCoding.Zstd : ContentCoding.Gzip;
    }

    /// <summary>The word by which headers call a coding.</summary>
    public static string NameOf(ContentCoding coding) => coding == ContentCoding.Zstd ? "zstd" : "gzip";

    /// <summary>The form that the Accept header likes best: html, json or text. Whoever takes anything gets html.</summary>
    public static string FormOf(ReadOnlySpan<char> header)
    {
        var html = Weigh(header, "text/html");
        var json = Weigh(header, "application/json");
        var text = Weigh(header, "text/plain");
        if (header.IsEmpty || (html >= json && html >= text))
            return "html";
        return json >= text ? "json" : "text";
    }

    // The weight of a word in a list such as "gzip;q=0.5, *;q=0.1"; a star stands for what is not in it.
    static double Weigh(ReadOnlySpan<char> header, string word)
    {
        var ofStar = 0.0;
        foreach (var part in header.Split(','))
        {
            var item = header[part].Trim();
            var semicolon = item.IndexOf(';');
            var name = (semicolon < 0 ? item : item[..semicolon]).TrimEnd();
            var weight = semicolon < 0 ? 1 : WeightOf(item[(semicolon + 1)..]);
            if (name.Equals(word, StringComparison.OrdinalIgnoreCase))
                return weight;
            if (name is "*" or "*/*")
                ofStar = weight;
        }

        return ofStar;
    }

    static double WeightOf(ReadOnlySpan<char> parameters)
    {
        foreach (var part in parameters.Split(';'))
        {
            var parameter = parameters[part].Trim();
            if (parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase))
                return double.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight) && weight <= 1 ? weight : 0;
        }

        return 1;
    }
}
