using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Merge;

/// <summary>Merges two versions of an entry that both sides have changed: what only one side changed comes from that side.</summary>
static class EntryMerger
{
    /// <summary>Merges.</summary>
    /// <param name="before">What both come from; null where both are new.</param>
    /// <param name="ours">Our version; what both changed differently stays as it is here.</param>
    /// <param name="theirs">Their version, of the same kind.</param>
    /// <returns>The merged entry, and in what they conflict.</returns>
    public static (Dirent Merged, bool IsContentInConflict, bool IsMetadataInConflict) Merge(Dirent? before, Dirent ours, Dirent theirs)
    {
        var isMetadataInConflict = false;
        var (old, our, their) = (before?.Metadata, ours.Metadata, theirs.Metadata);
        var isTheirContent = ours.Kind != DirentKind.Directory && ours.Content != theirs.Content && before is not null && ours.Content == before.Content;
        var isContentInConflict = ours.Kind != DirentKind.Directory && !isTheirContent && ours.Content != theirs.Content && (before is null || theirs.Content != before.Content);
        var owner = Pick(Owner(old), Owner(our), Owner(their));
        var group = Pick(Group(old), Group(our), Group(their));
        var metadata = our with
        {
            Mode = Pick(old?.Mode, our.Mode, their.Mode)!.Value,
            Uid = owner!.Number,
            UserName = owner.Name,
            Gid = group!.Number,
            GroupName = group.Name,
            Xattrs = Pick(old?.Xattrs, our.Xattrs, their.Xattrs)!,
            Device = Pick(old?.Device, our.Device, their.Device),
            ModificationTime = ours.Kind == DirentKind.Directory || ours.Content == theirs.Content ? Later(our.ModificationTime, their.ModificationTime)
                : isTheirContent ? their.ModificationTime : our.ModificationTime,
            ChangeTime = Later(our.ChangeTime, their.ChangeTime),
            HoleSpan = isTheirContent ? their.HoleSpan : our.HoleSpan,
        };
        return (ours with { Metadata = metadata, Content = isTheirContent ? theirs.Content : ours.Content }, isContentInConflict, isMetadataInConflict);

        // Of what both sides are new to nothing is known before.
        T? Pick<T>(T? old, T? our, T? their)
        {
            var comparer = EqualityComparer<T?>.Default;
            if (comparer.Equals(our, their) || (before is not null && comparer.Equals(their, old)))
                return our;
            if (before is not null && comparer.Equals(our, old))
                return their;
            isMetadataInConflict = true;
            return our;
        }
    }

    static Holder? Owner(Metadata? metadata) => metadata is null ? null : new Holder(metadata.Uid, metadata.UserName);

    static Holder? Group(Metadata? metadata) => metadata is null ? null : new Holder(metadata.Gid, metadata.GroupName);

    static Timestamp? Later(Timestamp? one, Timestamp? other) =>
        one is { } a && other is { } b ? a.CompareTo(b) >= 0 ? a : b : one ?? other;

    /// <summary>An owner or group: equal where the number is, and the name.</summary>
    sealed record Holder(uint Number, ReadOnlyMemory<byte> Name)
    {
        public bool Equals(Holder? other) => other is not null && Number == other.Number && Name.Span.SequenceEqual(other.Name.Span);

        public override int GetHashCode() => (int)Number;
    }
}
