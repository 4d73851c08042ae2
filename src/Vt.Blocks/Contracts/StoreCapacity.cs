namespace Vt.Blocks.Contracts;

/// <summary>How much a store holds and how much fits, all in bytes but the block count.</summary>
/// <param name="TotalBytes">The size of what the store lies on.</param>
/// <param name="FreeBytes">What is free there for anybody.</param>
/// <param name="AvailableBytes">What is free there for this user.</param>
/// <param name="StoredBytes">What the store's blocks take.</param>
/// <param name="Blocks">How many blocks it has.</param>
public readonly record struct StoreCapacity(long TotalBytes, long FreeBytes, long AvailableBytes, long StoredBytes, long Blocks);
