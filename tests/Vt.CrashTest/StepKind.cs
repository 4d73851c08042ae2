namespace Vt.CrashTest;

/// <summary>What a step does.</summary>
enum StepKind
{
    Create,
    Write,
    WriteDurably,
    Append,
    Resize,
    Unlink,
    Rename,
    Link,
    SetAttribute,
    Chmod,
    RenameFolder,
    Fsync,
    FsyncFolder,
}
