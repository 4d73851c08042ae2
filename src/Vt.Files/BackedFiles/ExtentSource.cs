using Vt.Blocks.BlockTree;
using Vt.Files.Journal;

namespace Vt.Files.BackedFiles;

/// <summary>
/// Where the bytes of an extent come from. What lies there never changes, so equal sources have equal bytes.
/// </summary>
readonly record struct ExtentSource
{
    readonly StoredContent? _content;
    readonly long _at;
    readonly uint _segment;
    readonly ExtentSourceKind _kind;

    ExtentSource(ExtentSourceKind kind, StoredContent? content, uint segment, long at)
    {
        _kind = kind;
        _content = content;
        _segment = segment;
        _at = at;
    }

    /// <summary>Zero bytes.</summary>
    public static ExtentSource Zero => default;

    /// <summary>Which of the three it is.</summary>
    public ExtentSourceKind Kind => _kind;

    /// <summary>Where in the log the bytes begin; only of <see cref="ExtentSourceKind.Log"/>.</summary>
    public LogPlace Place => new(_segment, _at);

    /// <summary>The content that the bytes are a range of; only of <see cref="ExtentSourceKind.Stored"/>.</summary>
    public StoredContent Content => _content!;

    /// <summary>Where in <see cref="Content"/> the bytes begin; only of <see cref="ExtentSourceKind.Stored"/>.</summary>
    public long ContentOffset => _at;

    /// <summary>Bytes in the log.</summary>
    public static ExtentSource Log(LogPlace place) => new(ExtentSourceKind.Log, null, place.Segment, place.Offset);

    /// <summary>A range of stored content.</summary>
    public static ExtentSource Stored(BlockRef content, long offset) => Stored(new StoredContent(content), offset);

    /// <summary>A range of stored content.</summary>
    public static ExtentSource Stored(StoredContent content, long offset) => new(ExtentSourceKind.Stored, content, 0, offset);

    /// <summary>The source of the bytes so many further on.</summary>
    public ExtentSource Plus(long count) =>
        _kind == ExtentSourceKind.Zero || count == 0 ? this : new ExtentSource(_kind, _content, _segment, _at + count);
}
