namespace Vt.Blocks.Contracts;

/// <summary>A store that knows how much it holds and how much fits.</summary>
public interface IStoreCapacity
{
    /// <summary>The numbers now, cheaply: what statfs shows.</summary>
    StoreCapacity GetCapacity();
}
