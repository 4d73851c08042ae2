using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir.Packs;

namespace Vt.Stores.PackFile;

/// <summary>Puts a store file that comes through a pipe where it can be read at any place.</summary>
public static class PackFileSpool
{
    const int Piece = 1 << 20;
    const uint OwnerOnly = 0x180;

    /// <summary>Takes a file to its end and opens it. What it lies in has no name any more, and goes with the store.</summary>
    /// <param name="input">The file; read from where it stands.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">It is no pack.</exception>
    /// <exception cref="StoreUnavailableException">There is no room for it.</exception>
    public static async Task<PackFileStore> OpenAsync(Stream input, string name, CancellationToken cancellationToken = default)
    {
        var path = Path.Combine(Path.GetTempPath(), $"vt-{Guid.NewGuid():N}.vtd");
        var file = Make(path);
        try
        {
            await CopyAsync(input, name, file, cancellationToken);
            return PackFileStore.Open(path, file, name, cancellationToken);
        }
        catch (IOException failed)
        {
            throw new StoreUnavailableException(name, $"it can't be kept in {path} meanwhile: {failed.Message}; TMPDIR names another folder", isTransient: false, failed);
        }
        finally
        {
            // What is open and mapped by now stays.
            PosixFile.TryUnlink(path);
        }
    }

    static FileDescriptor Make(string path)
    {
        try
        {
            return PosixFile.Open(path, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, OwnerOnly);
        }
        catch (PosixException failed)
        {
            throw new StoreUnavailableException(path, $"a file can't be made for what comes through a pipe: {failed.Message}; TMPDIR names another folder", isTransient: false, failed);
        }
    }

    static async Task CopyAsync(Stream input, string name, FileDescriptor file, CancellationToken cancellationToken)
    {
        var piece = new byte[Piece];
        var got = await input.ReadAtLeastAsync(piece, PackHeader.Size, throwOnEndOfStream: false, cancellationToken);

        // Before the rest is waited for.
        try
        {
            _ = PackHeader.Read(piece.AsSpan(0, got));
        }
        catch (FormatInvalidException fault)
        {
            throw new UserErrorException($"{name} is no store file that can be read: {fault.Message}", fault);
        }

        for (; got > 0; got = await input.ReadAsync(piece, cancellationToken))
            PosixFile.WriteFully(file, piece.AsSpan(0, got));
    }
}
