using System.Text;
using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Stores.Streams.Transport;

/// <summary>Files that hold a secret: nobody but their owner may read them, from the first moment on.</summary>
public static class PrivateFile
{
    const uint OwnerOnly = 0x180;

    /// <summary>Makes one; whoever is there first has made it.</summary>
    /// <param name="file">The path; its folder is made too.</param>
    /// <param name="content">The text.</param>
    /// <exception cref="UserErrorException">It can't be made.</exception>
    public static void Make(string file, string content)
    {
        var temporary = $"{file}.{Guid.NewGuid():N}";
        try
        {
            if (Path.GetDirectoryName(file) is { Length: > 0 } folder)
                Directory.CreateDirectory(folder);
            using (var made = PosixFile.Open(temporary, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, OwnerOnly))
            {
                PosixFile.WriteFully(made, Encoding.ASCII.GetBytes(content));
                PosixFile.Fsync(made);
            }

            try
            {
                File.Move(temporary, file, overwrite: false);
            }
            catch (IOException) when (File.Exists(file))
            {
                File.Delete(temporary);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{file}: the file can't be made: {fault.Message}", fault);
        }
    }
}
