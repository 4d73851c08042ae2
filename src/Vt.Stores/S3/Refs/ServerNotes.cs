using System.Text;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Text;

namespace Vt.Stores.S3.Refs;

/// <summary>
/// What was found out of a server, in a small file below the folder of local copies, so that not every opening asks again. It holds for a month: servers get new versions.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="endpoint">The server.</param>
/// <param name="bucket">The bucket.</param>
sealed class ServerNotes(string folder, string endpoint, string bucket)
{
    const string Kept = "conditions kept";
    const string Quoted = "quoted";
    const string Bare = "bare";
    const uint FileMode = 0x180;

    static readonly TimeSpan _validity = TimeSpan.FromDays(30);

    readonly string _path = Path.Combine(
        folder, $"{Convert.ToHexStringLower(HashAlgorithms.GetHasher(HashAlgorithms.Default).Hash(Encoding.UTF8.GetBytes($"{endpoint}\n{bucket}")).Digest[..8])}.server");

    /// <summary>Reads the note.</summary>
    /// <param name="quotesTags">How the server wants tags to be written.</param>
    /// <returns>Whether there is one that says that the server keeps to conditions.</returns>
    public bool TryRead(out bool quotesTags)
    {
        quotesTags = true;
        try
        {
            var file = new FileInfo(_path);
            if (!file.Exists || TimeProvider.System.GetUtcNow().UtcDateTime - file.LastWriteTimeUtc > _validity)
                return false;
            if (CheckedLine.TryRead(File.ReadAllBytes(_path).AsSpan().TrimEnd((byte)'\n')) is not [Kept, var style, var whose, var where]
                || whose != endpoint || where != bucket)
            {
                return false;
            }

            quotesTags = style == Quoted;
            return true;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Writes the note that the server keeps to conditions; where that can't be done, the next opening asks again.</summary>
    public void Write(bool quotesTags)
    {
        var temporary = $"{_path}.{PackId.Create()}.tmp";
        try
        {
            Directory.CreateDirectory(folder);
            using (var file = PosixFile.Open(temporary, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, FileMode))
                PosixFile.PwriteFully(file, CheckedLine.Write(Kept, quotesTags ? Quoted : Bare, endpoint, bucket), 0);
            PosixFile.Rename(temporary, _path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            PosixFile.TryUnlink(temporary);
        }
    }
}
