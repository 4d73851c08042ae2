namespace Vt.SystemTests.Docker;

/// <summary>Tests that share one engine. Drivers' sockets lie in one folder of the machine, so they run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class DockerCollection : ICollectionFixture<DockerEngine>
{
    public const string Name = "Docker";
}
