using Vt.Docker;

namespace Vt.Tests.Docker;

/// <summary>What a command tells the process that stands in for it.</summary>
public sealed class ContainerStepTests
{
    [Theory]
    [InlineData("")]
    [InlineData("psql -c 'select 1'\n\techo \u00e9")]
    public void A_step_is_read_as_it_was_written_and_one_whose_writer_died_is_none(string hook)
    {
        var step = new ContainerStep(ContainerStepKind.Resume, "/db", "0123abcd", hook, TimeSpan.FromSeconds(1.5));
        var line = step.ToLine();
        Assert.DoesNotContain('\n', line);
        Assert.Equal(step, ContainerStep.TryParse(line));
        for (var length = 0; length < line.Length; length++)
            Assert.Null(ContainerStep.TryParse(line[..length]));
    }
}
