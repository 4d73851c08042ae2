namespace Vt.Docker;

/// <summary>What is done to a container after work on its volume.</summary>
enum ContainerStepKind
{
    /// <summary>It is started, as it had been stopped.</summary>
    Start,

    /// <summary>It is paused, as it was before it was stopped.</summary>
    Pause,

    /// <summary>It gets time again.</summary>
    Unpause,

    /// <summary>Its own hook is run in it.</summary>
    Resume,
}
