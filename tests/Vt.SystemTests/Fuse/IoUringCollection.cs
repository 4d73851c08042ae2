namespace Vt.SystemTests.Fuse;

/// <summary>Tests that need FUSE over io_uring; they run one after another.</summary>
[CollectionDefinition(IoUringSwitch.Collection)]
public sealed class IoUringCollection : ICollectionFixture<IoUringSwitch>;
