namespace Vt.Files.Journal;

/// <summary>Where lists of what is local lie: in the live state folder.</summary>
interface ILocalLists
{
    /// <summary>Writes a list: durable, under a durable name.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="records">Its records, of at most <see cref="LogFrame.LongestRecord"/> bytes.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    LocalList Write(uint number, IReadOnlyList<ReadOnlyMemory<byte>> records);

    /// <summary>Reads a list.</summary>
    /// <exception cref="Blocks.Contracts.FormatInvalidException">It is damaged, or missing.</exception>
    List<byte[]> Read(LocalList list);

    /// <summary>Deletes all lists but the one that the state names.</summary>
    void DeleteOthers(LocalList? list);
}
