namespace Vt.Blocks.Contracts;

/// <summary>A store that knows how much it holds and how much fits.</summary>
public interface IStoreCapacity
{
    /// <summary>The numbers now, cheaply: what statfs shows. Null where nobody knows them now: the store, or one behind it, does not count or can't be asked.</summary>
    StoreCapacity? GetCapacity();
}
