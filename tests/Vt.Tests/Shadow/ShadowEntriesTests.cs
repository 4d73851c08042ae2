using Vt.Tests.Trees;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;
using Vt.Trees.Shadow;

namespace Vt.Tests.Shadow;

public sealed class ShadowEntriesTests
{
    [Fact]
    public void What_only_says_where_an_entry_lies_makes_no_difference() => Samples.ForAll(
        static random => (Entry: Samples.Dirent(random), Random: random),
        static sample =>
        {
            var moved = Moved(sample.Entry, sample.Random);
            Assert.True(ShadowEntries.AreSame(sample.Entry, moved));
            Assert.True(ShadowEntries.AreSame(moved, sample.Entry));
            Assert.True(ShadowEntries.AreSame(moved, Moved(sample.Entry, sample.Random)));
        });

    [Fact]
    public void Entries_are_the_same_in_both_directions_or_in_none() => Samples.ForAll(
        static random => (One: Samples.Dirent(random), Other: Samples.Dirent(random)),
        static pair => Assert.Equal(ShadowEntries.AreSame(pair.One, pair.Other), ShadowEntries.AreSame(pair.Other, pair.One)));

    [Fact]
    public void What_a_restore_brings_back_makes_a_difference() => Samples.ForAll(
        Samples.Dirent,
        static entry =>
        {
            var metadata = entry.Metadata;
            Assert.False(ShadowEntries.AreSame(entry, entry with { Metadata = metadata with { Mode = metadata.Mode ^ 1 } }));
            Assert.False(ShadowEntries.AreSame(entry, entry with { Metadata = metadata with { Uid = metadata.Uid ^ 1 } }));
            Assert.False(ShadowEntries.AreSame(entry, entry with { Metadata = metadata with { ModificationTime = new Timestamp(77, 78) } }));
            Assert.False(ShadowEntries.AreSame(entry, null));
        });

    static Dirent Moved(Dirent entry, Random random) => entry with
    {
        Uuid = random.Next(2) == 0 ? Guid.NewGuid() : null,
        Metadata = entry.Metadata with
        {
            SourceInode = (ulong)random.NextInt64(),
            ChangeTime = new Timestamp(random.Next(), 0),
            BirthTime = new Timestamp(random.Next(), 0),
            LinkCount = (uint)random.Next(4),
        },
    };
}
