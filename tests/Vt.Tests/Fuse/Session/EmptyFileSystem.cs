using Vt.Fuse.Session;

namespace Vt.Tests.Fuse.Session;

/// <summary>Implements nothing.</summary>
sealed class EmptyFileSystem : FuseFileSystem;
