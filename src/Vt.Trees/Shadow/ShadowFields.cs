using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Shadow;

/// <summary>Merges two versions of an entry of one kind field by field, each side's change being measured against that side's own earlier version.</summary>
sealed class ShadowFields
{
    readonly Dirent? _ourBefore;
    readonly Dirent _ours;
    readonly Dirent? _theirBefore;
    readonly Dirent _theirs;
    readonly bool _isFolderPreferred;

    ShadowFields(Dirent? ourBefore, Dirent ours, Dirent? theirBefore, Dirent theirs, bool isFolderPreferred) =>
        (_ourBefore, _ours, _theirBefore, _theirs, _isFolderPreferred) = (ourBefore, ours, theirBefore, theirs, isFolderPreferred);

    /// <summary>What is to be in the archive; the archive's own entry where the folder has nothing new.</summary>
    public Dirent Merged { get; private set; } = null!;

    /// <summary>Whether the archive has something new for the folder.</summary>
    public bool IsNewForFolder { get; private set; }

    /// <summary>Whether both changed the content.</summary>
    public bool IsContentInConflict { get; private set; }

    /// <summary>Whether both changed another field.</summary>
    public bool IsMetadataInConflict { get; private set; }

    /// <summary>Merges.</summary>
    /// <param name="ourBefore">The folder's version when both agreed; null where there was none.</param>
    /// <param name="ours">The folder's.</param>
    /// <param name="theirBefore">The archive's version then; null where there was none.</param>
    /// <param name="theirs">The archive's.</param>
    /// <param name="isFolderPreferred">Whether the folder's value is taken where both changed a field.</param>
    public static ShadowFields Merge(Dirent? ourBefore, Dirent ours, Dirent? theirBefore, Dirent theirs, bool isFolderPreferred)
    {
        var fields = new ShadowFields(ourBefore, ours, theirBefore, theirs, isFolderPreferred);
        fields.Merge();
        return fields;
    }

    void Merge()
    {
        var isOurContent = DiffersInContent() && MergeContent();
        var owner = Pick(static m => new Holder(m.Uid, m.UserName));
        var group = Pick(static m => new Holder(m.Gid, m.GroupName));
        var metadata = _theirs.Metadata with
        {
            Mode = Pick(static m => m.Mode),
            Uid = owner.Number,
            UserName = owner.Name,
            Gid = group.Number,
            GroupName = group.Name,
            Xattrs = Pick(static m => m.Xattrs),
            Device = Pick(static m => m.Device),
            ModificationTime = isOurContent ? _ours.Metadata.ModificationTime : MergeTime(),
            HoleSpan = isOurContent ? _ours.Metadata.HoleSpan : _theirs.Metadata.HoleSpan,
        };
        var merged = _theirs with { Metadata = metadata, Content = isOurContent ? _ours.Content : _theirs.Content };
        if (ShadowEntries.AreSame(merged, _theirs))
            merged = _theirs;
        else
            merged = merged with { Metadata = merged.Metadata with { ChangeTime = _ours.Metadata.ChangeTime, BirthTime = _ours.Metadata.BirthTime, SourceInode = _ours.Metadata.SourceInode } };
        Merged = merged;
        MergeLinks();

        bool DiffersInContent() => _ours.Kind != DirentKind.Directory && _ours.Content != _theirs.Content;
    }

    // Whether the folder's content is taken, where the two differ.
    bool MergeContent()
    {
        var isOurs = _ourBefore is null || _ourBefore.Kind != _ours.Kind || _ourBefore.Content != _ours.Content;
        var isTheirs = _theirBefore is null || _theirBefore.Kind != _theirs.Kind || _theirBefore.Content != _theirs.Content;
        IsContentInConflict = isOurs && isTheirs;
        IsNewForFolder |= isTheirs;
        return isOurs && !isTheirs;
    }

    // Which names are of one inode: the folder's way where the folder changed it, or where it is new and others of its names come with it; but names that get the archive's content come apart from those that
    // the folder linked them to.
    void MergeLinks()
    {
        var (our, their) = (ShadowEntries.LinkOf(_ours), ShadowEntries.LinkOf(_theirs));
        if (our == their)
            return;
        if (ShadowEntries.LinkOf(_ourBefore) == our)
            IsNewForFolder |= ShadowEntries.LinkOf(_theirBefore) != their;
        else if (our is null || Merged.Content == _ours.Content)
            Merged = Merged with { Uuid = our, Metadata = Merged.Metadata with { LinkCount = _ours.Metadata.LinkCount } };
    }

    Timestamp? MergeTime()
    {
        var (our, their) = (_ours.Metadata.ModificationTime, _theirs.Metadata.ModificationTime);
        var isSameContent = _ours.Kind == DirentKind.Directory || _ours.Content == _theirs.Content;
        if (our == their || !isSameContent)
            return their;
        var isOurs = _ourBefore is null || _ourBefore.Metadata.ModificationTime != our;
        var isTheirs = _theirBefore is null || _theirBefore.Metadata.ModificationTime != their;
        if (isOurs && (!isTheirs || their is null || (our is { } one && one.CompareTo(their.Value) > 0)))
            return our;
        IsNewForFolder |= isTheirs;
        return their;
    }

    T Pick<T>(Func<Metadata, T> field)
    {
        var comparer = EqualityComparer<T>.Default;
        var (our, their) = (field(_ours.Metadata), field(_theirs.Metadata));
        if (comparer.Equals(our, their))
            return their;
        var isOurs = _ourBefore is null || !comparer.Equals(field(_ourBefore.Metadata), our);
        var isTheirs = _theirBefore is null || !comparer.Equals(field(_theirBefore.Metadata), their);

        // Of what was never agreed on the archive's is taken: a folder may be unable to have it.
        IsMetadataInConflict |= isOurs && isTheirs && _ourBefore is not null;
        if (isOurs && (!isTheirs || (_isFolderPreferred && _ourBefore is not null)))
            return our;
        IsNewForFolder |= isTheirs;
        return their;
    }

    /// <summary>An owner or group: equal where the number is, and the name.</summary>
    readonly record struct Holder(uint Number, ReadOnlyMemory<byte> Name)
    {
        public bool Equals(Holder other) => Number == other.Number && Name.Span.SequenceEqual(other.Name.Span);

        public override int GetHashCode() => (int)Number;
    }
}
