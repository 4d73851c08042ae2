using Vt.Tests.Support;

namespace Vt.SystemTests.Live;

/// <summary>Real programs on a live mount, in short form: the scripts of tests/programs, which tests/long runs in full.</summary>
public sealed class ProgramTests
{
    [MountTheory]
    [InlineData("postgres", "1")]
    [InlineData("sqlite", "1")]
    [InlineData("git")]
    [InlineData("copy")]
    [InlineData("load", "4", "1")]
    [InlineData("build", "small")]
    [InlineData("commits", "3")]
    public void A_program_finds_what_it_expects_of_a_file_system(string script, params string[] arguments) => ProgramScript.Succeed(script, arguments);
}
