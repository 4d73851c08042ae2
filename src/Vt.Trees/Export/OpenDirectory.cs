using Vt.Posix;

namespace Vt.Trees.Export;

/// <summary>A directory that stays open until disposal, which happens once.</summary>
/// <param name="owner">Who keeps directories open.</param>
/// <param name="directory">Which one this is.</param>
/// <param name="file">The open directory.</param>
readonly ref struct OpenDirectory(OpenDirectories owner, ExportDirectory directory, FileDescriptor file)
{
    /// <summary>The open directory; one that is complete may be open for names only (O_PATH).</summary>
    public FileDescriptor File { get; } = file;

    public void Dispose() => owner.Unpin(directory);
}
