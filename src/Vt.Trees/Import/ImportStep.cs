using Vt.Blocks.BlockTree;
using Vt.Trees.Dirents;

namespace Vt.Trees.Import;

/// <summary>One thing that the walker found.</summary>
/// <param name="Kind">What.</param>
/// <param name="Dirent">The entry, or of a directory its dirent without content.</param>
/// <param name="Previous">What the previous state has under the name.</param>
/// <param name="Job">The job that finishes the entry.</param>
/// <param name="Link">The inode that the entry names.</param>
/// <param name="Issue">What is to be reported.</param>
/// <param name="Readable">Of a directory of the previous state that can't be read whole: what can be read of it.</param>
readonly record struct ImportStep(
    ImportStepKind Kind,
    Dirent? Dirent = null,
    Dirent? Previous = null,
    FileJob? Job = null,
    LinkRecord? Link = null,
    ImportIssue? Issue = null,
    BlockRef? Readable = null);
