using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.Streams.Protocol;
using Vt.Stores.Streams.Transport;

namespace Vt.Hosts.StreamServer;

/// <summary>
/// The clients that are known by their keys: a text file, a line each: the key's pin, perhaps <c>read-only</c> or <c>append-only</c>, perhaps
/// <c>export=NAME</c>, as often as wanted. What follows a <c>#</c> is a comment. The file is read for each client, so a change holds at once.
/// </summary>
/// <param name="file">The file; null for none.</param>
public sealed class AuthorizedKeys(string? file)
{
    const string ExportPrefix = "export=";

    /// <summary>What the owner of a key may do; null where it is not known.</summary>
    /// <exception cref="UserErrorException">The file can't be read, or has a line that is not understood.</exception>
    public ClientRights? Find(KeyPin key)
    {
        if (file is null)
            return null;
        foreach (var (pin, rights) in Read())
        {
            if (pin == key)
                return rights;
        }

        return null;
    }

    /// <summary>All that the file says.</summary>
    /// <exception cref="UserErrorException">The file can't be read, or has a line that is not understood.</exception>
    public List<(KeyPin Key, ClientRights Rights)> Read()
    {
        var found = new List<(KeyPin, ClientRights)>();
        if (file is null)
            return found;
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{file}: the clients' keys can't be read: {FileFault.TextOf(fault)}", fault);
        }

        for (var i = 0; i < lines.Length; i++)
        {
            var words = lines[i].Split('#')[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0)
                found.Add(Parse(words, $"{file}:{i + 1}"));
        }

        return found;
    }

    static (KeyPin Key, ClientRights Rights) Parse(string[] words, string place)
    {
        var pin = KeyPin.TryParse(words[0]) ?? throw new UserErrorException($"{place}: '{words[0]}' is no key; write it as vt serve --show-key prints it");
        var access = ExportAccess.ReadWrite;
        var exports = new List<string>();
        foreach (var word in words[1..])
        {
            if (word.StartsWith(ExportPrefix, StringComparison.Ordinal))
                exports.Add(word[ExportPrefix.Length..]);
            else
                access = ExportAccesses.TryParse(word) ?? throw new UserErrorException($"{place}: '{word}' is none of read-only, append-only, read-write and {ExportPrefix}NAME");
        }

        return (pin, new ClientRights(access, exports.Count > 0 ? exports : null));
    }
}
