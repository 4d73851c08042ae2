namespace Vt.Stores.Config;

/// <summary>All that is needed to open one store, checked and with its paths made absolute.</summary>
public abstract record StoreSettings
{
    /// <summary>The word that names the type in clauses and specs.</summary>
    public abstract string TypeName { get; }

    /// <summary>What the store is called while it is not open.</summary>
    public virtual string Name => TypeName;
}
