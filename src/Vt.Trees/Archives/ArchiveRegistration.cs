using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Archives;

/// <summary>
/// What a store knows of an archive that keeps trees in it: the value of the reference <c>archives/ID</c>. The reference's log
/// has every state, so a collection of garbage needs no archive file to know what is in use.
/// </summary>
/// <remarks>
/// A state is registered twice. Before its line is written it is pending: a crash in between keeps a tree too many, not one too few.
/// Once the line is durable it is confirmed: from then on an archive file without it is damaged, or an older copy. A file that lacks a
/// state that is only pending is what a crash leaves.
/// </remarks>
/// <param name="When">When the newest state was saved.</param>
/// <param name="Root">The newest state's tree.</param>
/// <param name="Path">Where the archive lay then, as an absolute path.</param>
public sealed record ArchiveRegistration(Timestamp When, Dirent Root, string Path)
{
    /// <summary>What the names of all these references begin with.</summary>
    public const string Prefix = "archives/";

    const string Unreserved = "/-._~";
    const string OffsetWord = "offset=";
    const string ConfirmedWord = "confirmed";
    const string PushedWord = "pushed";

    /// <summary>How far the clock on the wall was from UTC where the state was saved; zero in values that don't say.</summary>
    public TimeSpan Offset { get; init; }

    /// <summary>Whether the state's line is known to be durable in the archive file; not so in values that don't say.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>What a later version said besides: words, each with a blank before it. Carried along while the state stays.</summary>
    public string Further { get; init; } = "";

    /// <summary>The state as its line in the archive says it.</summary>
    public ArchiveState State => new(When, Offset, Root);

    /// <summary>Whether the state came from another store, in which its archive has it; no file beside this store is missed for it.</summary>
    public bool IsPushed => Array.IndexOf(Further.Split(' '), PushedWord) >= 0;

    /// <summary>A state that came from another store.</summary>
    public static ArchiveRegistration OfPushed(ArchiveState state, string path) => Of(state, path) with { Further = $" {PushedWord}" };

    /// <summary>The states of an archive that a store knows: those that are confirmed, and those that came from another store. Each once, oldest first.</summary>
    public static async ValueTask<IReadOnlyList<ArchiveRegistration>> ListAsync(IRefStore refs, Guid id, CancellationToken cancellationToken = default)
    {
        var known = new List<ArchiveRegistration>();
        var keys = new HashSet<(Timestamp, Dirent)>();
        await foreach (var movement in refs.ReadLogAsync(NameOf(id), cancellationToken))
        {
            if (movement.Value is { } value && TryParse(value) is { } state && (state.IsConfirmed || state.IsPushed) && keys.Add((state.When, state.Root)))
                known.Add(state);
        }

        return known;
    }

    /// <summary>A state that is not confirmed yet.</summary>
    public static ArchiveRegistration Of(ArchiveState state, string path) => new(state.When, state.Root, path) { Offset = state.Offset };

    /// <summary>The name of an archive's reference.</summary>
    public static string NameOf(Guid id) => $"{Prefix}{id:D}";

    /// <summary>Whether a store says of an archive all that this says.</summary>
    public async ValueTask<bool> IsInAsync(IRefStore refs, Guid id, CancellationToken cancellationToken = default) =>
        await refs.ReadAsync(NameOf(id), cancellationToken) is { } value && IsSaidBy(TryParse(value));

    /// <summary>Moves an archive's reference to this; does nothing where it is there already.</summary>
    /// <param name="refs">The store's references.</param>
    /// <param name="id">The archive's id.</param>
    /// <param name="cancellationToken">Gives up before the move is made.</param>
    public async ValueTask RegisterAsync(IRefStore refs, Guid id, CancellationToken cancellationToken = default)
    {
        var name = NameOf(id);
        while (true)
        {
            var value = await refs.ReadAsync(name, cancellationToken);
            var current = value is null ? null : TryParse(value);
            if (IsSaidBy(current))
                return;
            var next = current is not null && IsOf(current) ? this with { Further = current.Further } : this;
            if (await refs.TryMoveAsync(name, value, next.ToString(), IsConfirmed ? "state written" : "state saved", cancellationToken))
                return;
        }
    }

    /// <summary>Ends an archive's reference: nobody wants what it kept any more.</summary>
    /// <param name="refs">The store's references.</param>
    /// <param name="id">The archive's id.</param>
    /// <param name="note">Why.</param>
    /// <param name="cancellationToken">Gives up before it is ended.</param>
    public static async ValueTask EndAsync(IRefStore refs, Guid id, string note, CancellationToken cancellationToken = default)
    {
        while (await refs.ReadAsync(NameOf(id), cancellationToken) is { } value && !await refs.TryMoveAsync(NameOf(id), value, null, note, cancellationToken))
        {
            // Somebody has moved it meanwhile.
        }
    }

    /// <summary>
    /// The value, with a blank between its words: time, dirent, path, <c>offset=</c> and the distance from UTC, <c>confirmed</c> where
    /// it is; bytes of the path that are special are written <c>%NN</c>.
    /// </summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{When} {Root} {Escape(Path)} {OffsetWord}{State.Date:zzz}{(IsConfirmed ? " " + ConfirmedWord : "")}{Further}");

    /// <summary>Reads a value; words behind the path may be missing, and those that are not known are kept.</summary>
    /// <exception cref="FormatInvalidException">It is none; the offset says where, in characters.</exception>
    public static ArchiveRegistration Parse(ReadOnlySpan<char> text)
    {
        var reader = new CharReader(text);
        var when = FieldText.ReadTime(ref reader);
        reader.Expect(" ");
        var root = Dirent.Parse(ref reader);
        reader.Expect(" ");
        var words = reader.Rest.ToString().Split(' ');
        var registration = new ArchiveRegistration(when, root, Uri.UnescapeDataString(words[0]));
        foreach (var word in words.AsSpan(1))
        {
            if (word == ConfirmedWord)
                registration = registration with { IsConfirmed = true };
            else if (word.StartsWith(OffsetWord, StringComparison.Ordinal))
                registration = registration with { Offset = ParseOffset(word.AsSpan(OffsetWord.Length)) ?? throw reader.Fault($"'{word}' is no distance from UTC") };
            else
                registration = registration with { Further = $"{registration.Further} {word}" };
        }

        return registration;
    }

    /// <summary>Reads a value.</summary>
    /// <returns>Null where it is none that this version knows.</returns>
    public static ArchiveRegistration? TryParse(ReadOnlySpan<char> text)
    {
        try
        {
            return Parse(text);
        }
        catch (FormatInvalidException)
        {
            return null;
        }
    }

    bool IsOf(ArchiveRegistration other) => other.When == When && other.Root.Equals(Root) && other.Path == Path;

    bool IsSaidBy(ArchiveRegistration? other) => other is not null && IsOf(other) && (other.IsConfirmed || !IsConfirmed);

    // +HH:MM or -HH:MM, of which a DateTimeOffset takes 14 hours either way.
    static TimeSpan? ParseOffset(ReadOnlySpan<char> text)
    {
        if (text is not ['+' or '-', ..] || !TimeSpan.TryParseExact(text[1..], @"hh\:mm", CultureInfo.InvariantCulture, out var distance)
            || distance > TimeSpan.FromHours(14))
        {
            return null;
        }

        return text[0] == '-' ? -distance : distance;
    }

    static string Escape(string path)
    {
        var text = new StringBuilder(path.Length + 16);
        foreach (var b in Encoding.UTF8.GetBytes(path))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || Unreserved.Contains((char)b, StringComparison.Ordinal))
                text.Append((char)b);
            else
                text.Append('%').Append(Convert.ToHexString([b]));
        }

        return text.ToString();
    }
}
