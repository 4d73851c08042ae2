using Vt.Blocks.Hashing;
using Vt.Tests.Trees;
using Vt.Volumes.Commits;

namespace Vt.Tests.Volumes;

public sealed class BisectionTests
{
    [Fact]
    public void The_first_bad_commit_is_found_in_few_steps() => Samples.ForAll(
        random =>
        {
            var count = random.Next(2, 300);
            return (Count: count, FirstBad: random.Next(1, count));
        },
        history =>
        {
            var line = Line(history.Count);
            var bisection = new Bisection(line);
            var steps = 0;
            while (bisection.Next is { } next)
            {
                bisection.Tell(Number(next) < history.FirstBad);
                steps++;
            }

            Assert.Equal((history.FirstBad - 1, history.FirstBad), (Number(bisection.Good), Number(bisection.Bad)));
            Assert.Empty(bisection.Undecided);
            Assert.InRange(steps, 0, (int)Math.Ceiling(Math.Log2(history.Count)));
        });

    [Fact]
    public void What_was_skipped_may_be_it_and_nothing_else_is_missed() => Samples.ForAll(
        random =>
        {
            var count = random.Next(2, 60);
            return (Count: count, FirstBad: random.Next(1, count), Skipped: Enumerable.Range(1, count - 1).Where(_ => random.Next(3) == 0).ToHashSet());
        },
        history =>
        {
            var bisection = new Bisection(Line(history.Count));
            while (bisection.Next is { } next)
                bisection.Tell(history.Skipped.Contains(Number(next)) ? null : Number(next) < history.FirstBad);
            var (good, bad) = (Number(bisection.Good), Number(bisection.Bad));
            Assert.InRange(history.FirstBad, good + 1, bad);
            Assert.All(bisection.Undecided, id => Assert.Contains(Number(id), history.Skipped));
            Assert.Equal(bad - good - 1, bisection.Undecided.Count());
        });

    static BlockHash[] Line(int count) => [.. Enumerable.Range(0, count).Select(static i =>
    {
        var digest = new byte[32];
        BitConverter.TryWriteBytes(digest, i);
        return new BlockHash(HashAlgorithmId.Blake3, digest);
    })];

    static int Number(BlockHash id) => BitConverter.ToInt32(id.Digest);
}
