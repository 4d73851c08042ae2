namespace Vt.Trees.Meta;

/// <summary>Which device a character or block device node stands for.</summary>
/// <param name="Major">The driver's number.</param>
/// <param name="Minor">The device's number with that driver.</param>
public readonly record struct DeviceId(uint Major, uint Minor)
{
    /// <summary>Both numbers with a point between them.</summary>
    public override string ToString() => $"{Major}.{Minor}";
}
