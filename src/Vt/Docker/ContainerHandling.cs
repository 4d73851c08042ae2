namespace Vt.Docker;

/// <summary>What becomes of the containers that use a volume while it is worked on.</summary>
enum ContainerHandling
{
    /// <summary>They go on.</summary>
    Live,

    /// <summary>They get no time, and go on afterwards.</summary>
    Pause,

    /// <summary>They are stopped, and started again afterwards: what they keep in memory they write before, and read again after.</summary>
    Stop,
}
