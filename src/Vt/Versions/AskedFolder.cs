using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Files;

namespace Vt.Versions;

/// <summary>A folder made of two questions.</summary>
/// <param name="list">The names that a listing shows.</param>
/// <param name="find">What a name leads to; null, or what a user would be told, where there is no such name.</param>
sealed class AskedFolder(Func<CancellationToken, ValueTask<List<string>>> list, Func<string, CancellationToken, ValueTask<NamedEntry?>> find) : NamedFolder
{
    /// <summary>A folder with folders of fixed names.</summary>
    public static AskedFolder Of(IReadOnlyDictionary<string, NamedFolder> folders) => new(
        _ => new([.. folders.Keys]),
        (name, _) => new(folders.TryGetValue(name, out var folder) ? new NamedEntry(folder, null) : null));

    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyList<byte[]>> ListAsync(CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await list(cancellationToken)).Select(static name => LosslessText.ToBytes(name))];
        }
        catch (UserErrorException)
        {
            return [];
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<NamedEntry?> FindAsync(ReadOnlyMemory<byte> name, CancellationToken cancellationToken)
    {
        try
        {
            return await find(LosslessText.FromBytes(name.Span), cancellationToken);
        }
        catch (UserErrorException)
        {
            return null;
        }
    }
}
