using Vt.SystemTests.Live;

namespace Vt.SystemTests.Docker;

/// <summary>The tutorial, with an engine and a network of its own.</summary>
[Collection(DockerCollection.Name)]
public sealed class TutorialTests
{
    [DockerFact]
    [Trait("A7", "lines 19, 20, 84-90")]
    [Trait("A8", "lines 23, 79")]
    public void Every_command_of_the_tutorial_does_what_it_shows() => ProgramScript.Succeed("tutorial");
}
