using System.Buffers.Binary;
using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Import;

/// <summary>
/// The inodes that have several names: gives them UUIDs, counts their names, and makes the new inode table of the previous one.
/// The walker asks for records, the assembly counts; each from one thread. Memory: about 500 bytes an inode with several names.
/// </summary>
sealed class LinkTable(DirectoryReader reader, TreeBatch batch, BlockRef previousTable)
{
    const string DerivationContext = "Vt import: inode UUID from first path";

    readonly Dictionary<(ulong Device, ulong Inode), LinkRecord> _records = [];
    readonly HashSet<Guid> _taken = [];
    readonly Dictionary<Guid, int> _added = [];

    /// <summary>Whether the previous state has hard links at all.</summary>
    public bool HadLinks => previousTable.Span > 0;

    /// <summary>
    /// Whether names or inodes of the previous state can't be read any more, so that a name that looks new may be an old one: the walker sets it
    /// before the assembly asks.
    /// </summary>
    public bool HasGaps { get; set; }

    /// <summary>The record of an inode that came before under another name; null where it did not.</summary>
    public LinkRecord? Find(ulong device, ulong inode) => _records.GetValueOrDefault((device, inode));

    /// <summary>Starts the record of an inode.</summary>
    /// <param name="status">The inode.</param>
    /// <param name="path">Its first path.</param>
    /// <param name="previous">What the previous state has under that path.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The record, and the inode of the previous state where it is the same one.</returns>
    public async ValueTask<(LinkRecord Record, Dirent? Previous)> StartAsync(
        Statx status, byte[] path, Dirent? previous, CancellationToken cancellationToken)
    {
        var inode = status.Inode;
        Dirent? same = null;
        if (previous is { Kind: DirentKind.Indirect, Uuid: { } known } && HadLinks
            && await reader.LookupInodeAsync(previousTable, known, cancellationToken) is { } found
            && found.Metadata.SourceInode == inode && !_taken.Contains(known))
        {
            same = found;
        }

        // The name may have been lost, and the inode not.
        if (same is null && HasGaps && HadLinks)
        {
            var first = UuidOf(path, 0);
            if (!_taken.Contains(first) && await reader.LookupInodeAsync(previousTable, first, cancellationToken) is { } kept
                && kept.Metadata.SourceInode == inode)
            {
                same = kept;
            }
        }

        var record = new LinkRecord(same?.Uuid ?? await DeriveAsync(path, cancellationToken), status.Links);
        _taken.Add(record.Uuid);
        _records.Add((status.Device, inode), record);
        return (record, same);
    }

    /// <summary>Starts the record of an inode of an archive.</summary>
    /// <param name="inode">The inode, with its content.</param>
    /// <param name="names">How many names the archive has for it.</param>
    /// <param name="path">Its first path.</param>
    /// <param name="previous">What the previous state has under that path.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<LinkRecord> StartAsync(Dirent inode, uint names, byte[] path, Dirent? previous, CancellationToken cancellationToken)
    {
        // The same archive once more is the same tree.
        var same = previous is { Kind: DirentKind.Indirect, Uuid: { } known } && HadLinks && !_taken.Contains(known)
            && await reader.LookupInodeAsync(previousTable, known, cancellationToken) is { } found
            && found.Kind == inode.Kind && found.Content == inode.Content && found.Metadata.ModificationTime == inode.Metadata.ModificationTime
            ? previous.Uuid
            : null;
        var record = new LinkRecord(same ?? await DeriveAsync(path, cancellationToken), names);
        _taken.Add(record.Uuid);
        _records.Add((ulong.MaxValue, (ulong)_records.Count), record);
        return record;
    }

    /// <summary>Counts a name more, or one less, of an inode.</summary>
    public void Count(Guid uuid, int difference) => _added[uuid] = _added.GetValueOrDefault(uuid) + difference;

    /// <summary>Makes the new table.</summary>
    public async ValueTask<BlockRef> CompleteAsync(CancellationToken cancellationToken)
    {
        var byUuid = _records.Values.Where(static record => record.Inode is not null).ToDictionary(static record => record.Uuid);
        var edits = new List<DirectoryEdit>();
        foreach (var uuid in _added.Keys.Union(byUuid.Keys))
        {
            var before = HadLinks ? await reader.LookupInodeAsync(previousTable, uuid, cancellationToken) : null;
            var inode = byUuid.TryGetValue(uuid, out var record) ? record.Inode! : before;
            var names = (long)(before is null ? 0 : Math.Max(before.Metadata.LinkCount, 1)) + _added.GetValueOrDefault(uuid);
            if (HasGaps && record is not null)
                names = Math.Clamp(names, record.NamesFound, Math.Max(record.NamesFound, record.NamesTold));
            if (inode is null || names <= 0)
            {
                if (before is not null)
                    edits.Add(DirectoryEdit.RemoveInode(uuid));
                continue;
            }

            inode = inode with { Name = default, Uuid = uuid, Metadata = inode.Metadata with { LinkCount = (uint)names } };
            if (!inode.Equals(before))
                edits.Add(DirectoryEdit.PutInode(inode));
        }

        if (edits.Count == 0)
            return previousTable;
        edits.Sort(static (a, b) => a.Key.Span.SequenceCompareTo(b.Key.Span));
        return (await new DirectoryEditor(reader, batch).ApplyAsync(previousTable, edits, DirectoryOrder.Uuids, cancellationToken)).Content;
    }

    // The same tree gives the same UUIDs, whoever imports it.
    async ValueTask<Guid> DeriveAsync(byte[] path, CancellationToken cancellationToken)
    {
        for (var attempt = 0u; ; attempt++)
        {
            var uuid = UuidOf(path, attempt);
            if (!_taken.Contains(uuid) && (!HadLinks || await reader.LookupInodeAsync(previousTable, uuid, cancellationToken) is null))
                return uuid;
        }
    }

    // Version 8 of RFC 9562, of a hash of the first path.
    static Guid UuidOf(byte[] path, uint attempt)
    {
        var context = Encoding.ASCII.GetByteCount(DerivationContext);
        var text = new byte[context + sizeof(uint) + path.Length];
        Encoding.ASCII.GetBytes(DerivationContext, text);
        BinaryPrimitives.WriteUInt32LittleEndian(text.AsSpan(context), attempt);
        path.CopyTo(text, context + sizeof(uint));
        var bytes = HashAlgorithms.GetHasher(HashAlgorithmId.Blake3).Hash(text).Digest[..16].ToArray();
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
