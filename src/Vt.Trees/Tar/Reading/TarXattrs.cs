using System.Text;
using Vt.Trees.Meta;

namespace Vt.Trees.Tar.Reading;

/// <summary>The extended attributes and access lists of a member, as GNU tar, star and bsdtar write them.</summary>
static class TarXattrs
{
    const string AccessName = "system.posix_acl_access";
    const string DefaultName = "system.posix_acl_default";

    /// <summary>Reads them.</summary>
    /// <param name="header">The member's records.</param>
    /// <param name="fault">What can't be kept; null where all can.</param>
    public static IReadOnlyList<Xattr> Read(PaxHeader header, out string? fault)
    {
        fault = null;
        var found = new Dictionary<string, byte[]>(StringComparer.Ordinal);

        // libarchive writes both forms; the one without base 64 is taken where it is there.
        foreach (var (name, value) in header.FindAll("LIBARCHIVE.xattr."))
        {
            if (TryDecode64(value) is { } decoded)
                found[Uri.UnescapeDataString(name)] = decoded;
        }

        foreach (var (name, value) in header.FindAll("SCHILY.xattr."))
            found[name.Replace("%3D", "=", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal)] = value;
        if (header.Find("RHT.security.selinux") is { } selinux)
            found.TryAdd("security.selinux", selinux);
        foreach (var (keyword, name) in ((string, string)[])[("SCHILY.acl.access", AccessName), ("SCHILY.acl.default", DefaultName)])
        {
            if (header.Find(keyword) is not { } text || found.ContainsKey(name))
                continue;
            if (AclText.Parse(text) is not { } list)
                fault = "its access list names somebody whom this system does not know, or is damaged";
            else if (name != AccessName || !AclText.IsMode(list))
                found[name] = list;
        }

        var xattrs = new List<Xattr>(found.Count);
        foreach (var (name, value) in found)
        {
            var bytes = Encoding.Latin1.GetBytes(name);
            if (bytes.Length is 0 or > Xattr.LongestName || value.Length > Xattr.LongestValue || bytes.AsSpan().Contains((byte)0))
                fault = $"its attribute {name[..Math.Min(name.Length, 40)]} is longer than any may be";
            else
                xattrs.Add(new Xattr(bytes, value));
        }

        return xattrs;
    }

    static byte[]? TryDecode64(byte[] text)
    {
        var padded = Encoding.Latin1.GetString(text).TrimEnd('\n').TrimEnd('=');
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(padded + new string('=', (4 - (padded.Length % 4)) % 4), bytes, out var length) ? bytes[..length] : null;
    }
}
