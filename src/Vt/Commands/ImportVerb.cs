using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Operations;
using Vt.Output;
using Vt.Posix;
using Vt.References;
using Vt.Settings;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Import;
using Vt.Trees.Merge;

namespace Vt.Commands;

/// <summary>Saves a tree as the next state of an archive.</summary>
sealed class ImportVerb : Verb
{
    readonly Option<bool> _delete = new("--delete") { Description = "Leave out of the new state what is no longer in SRC" };
    readonly Option<string[]> _include = Rule("--include", "Take what matches, whatever a later rule says");
    readonly Option<string[]> _exclude = Rule("--exclude", "Leave out what matches");
    readonly Option<string[]> _excludeFrom = new("--exclude-from") { Description = "Leave out what a file of .gitignore lines names", HelpName = "FILE" };
    readonly Option<bool> _deleteExcluded = new("--delete-excluded") { Description = "With --delete: excluded names go too" };
    readonly Option<bool> _oneFileSystem = new("-x", "--one-file-system") { Description = "Stay out of whatever is mounted below SRC" };
    readonly Option<bool> _reread = new("--reread") { Description = "Read every file, also those that look unchanged" };
    readonly Option<bool> _tar = new("--tar") { Description = "SRC is a tar archive, whose files are saved; - for standard input" };
    readonly Option<bool> _json = JsonOption.Create("Print the outcome as a JSON object");
    readonly Argument<string> _source = new("SRC") { Description = "The folder or file to save" };
    readonly Argument<string> _target = new("ARCHIVE.vt[/PATH]") { Description = "The archive, made if it is not there, and where in its tree" };

    /// <summary>Makes the command.</summary>
    public ImportVerb()
        : base("import", "Save a folder as the next state of an archive")
    {
        foreach (var option in (Option[])[_delete, _include, _exclude, _excludeFrom, _deleteExcluded, _oneFileSystem, _reread, _tar, _json])
            Options.Add(option);
        Arguments.Add(_source);
        Arguments.Add(_target);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        Everything is saved: content with its holes, owners, modes, times, extended attributes, hard links, devices. Files whose
        size, times and inode are those of the last state are not read again. What the archive has and SRC has not stays, unless
        --delete is given. A state is added only where something changed. Of the folders above PATH those that are not there are made, and the one in which a name
        comes gets the time, as on a disk.

        PATTERN is as rsync's: / at its start ties it to SRC, / at its end means folders only, * and ? stay within a name, ** does
        not. The first rule that matches decides.

        Where the store has noted damage (vt datadir verify and vt fsck do), unchanged files and folders that need what is damaged
        are read and stored again. --reread reads all files, for sources whose content changes behind the back of their times.

        With --tar the files in an archive are saved as if they had been extracted: of tar's seventh edition, ustar, pax and GNU tar, with holes, hard links, devices, times, extended attributes and
        access lists, compressed by gzip or zstd or not. It is read from its start to its end only, so it may come through a pipe. Members that are called .. or
        lead through a symbolic link are reported and left out, and absolute paths are taken below the top. Of a damaged archive no state is added. Memory: some 500
        bytes a member.

        Several imports into one archive at once lose nothing of each other: who comes later adds to what the other has added.

        A file that can't be read is reported, its last version stays, and the exit status is 3; so it is with a file that changes
        while it is read. Interrupting is safe: what was stored by then is found again by the next import.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt import ~/src src.vt", "Save a folder."),
        ("vt import --delete --exclude '*.o' ~/src src.vt", "Save it as it is now, without object files."),
        ("vt import --tar backup.tar.gz backup.vt", "Save what is in an archive."),
        ("vt import --tar - srv.vt", "Save what another command sends: ssh HOST tar c /srv, of a machine that has no vt."),
        ("vt import /etc hosts.vt/$(hostname)/etc", "Save a folder below another name."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Get(_tar) && (context.Get(_oneFileSystem) || context.Get(_reread)))
            throw new UserErrorException("--one-file-system and --reread are for folders: leave them out with --tar");
        var place = ArchivePlace.Parse(context.PathFromHere(context.Get(_target)));
        var clock = context.Surroundings.Clock;
        var archive = new ArchiveFile(place.Archive, clock, context.Boundary)
        {
            OnRestored = state => context.Messages.Say($"{place.Archive} had lost its state of {DirentText.DateOf(state.Date)}; it is in it again"),
        };
        await using var store = await context.OpenStoreAsync(isReadOnly: false, cancellationToken);
        var import = new TreeImport(context, store)
        {
            Options = new ImportOptions
            {
                Filter = FilterOf(context),
                Delete = context.Get(_delete),
                DeleteExcluded = context.Get(_deleteExcluded),
                OneFileSystem = context.Get(_oneFileSystem),
                RereadAll = context.Get(_reread),
            },
        };
        var counters = import.Counters;
        var started = clock.GetTimestamp();

        // Before the work where the archive is there; one that is still to be made has no mount.
        using var held = archive.Exists ? ArchiveWriting.Hold(place.Archive) : null;
        Dirent? previous = null;
        var result = context.Get(_tar)
            ? await ImportTarAsync(context, import, FindPreviousAsync, place.Path, cancellationToken)
            : await ImportFolderAsync();
        using var late = held is null ? ArchiveWriting.Hold(place.Archive) : null;
        var (isNewest, state) = await archive.TryAppendAsync(result.Root, previous, store as IRefStore, cancellationToken);
        while (!isNewest)
        {
            // Another import has added a state meanwhile, on top of which this one belongs. A folder is looked through once more; what comes by a pipe comes only once.
            var added = archive.ReadLast()?.Root;
            if (!context.Get(_tar) || added is null)
                result = await ImportFolderAsync();
            else
                (result, previous) = (await MergeAsync(context, store, (previous, result, added), cancellationToken), added);
            (isNewest, state) = await archive.TryAppendAsync(result.Root, previous, store as IRefStore, cancellationToken);
        }

        if (context.Get(_json))
            PrintJson(context.Output, counters, result, state);
        else if (!context.IsQuiet)
            context.Messages.Say(Summary(counters, result, state, clock.GetElapsedTime(started)));
        return result.IsPartial ? ExitCode.Partial : ExitCode.Ok;

        // First, because what this import leaves as it was comes from the newest state.
        async ValueTask<Dirent?> FindPreviousAsync()
        {
            if (store is IRefStore refs)
                await archive.RestoreAsync(refs, cancellationToken);
            return previous = archive.Exists && !archive.IsUnfinished ? archive.ReadLast()?.Root : null;
        }

        Task<ImportResult> ImportFolderAsync() =>
            import.RunAsync(LosslessText.ToBytes(context.PathFromHere(context.Get(_source))), FindPreviousAsync, place.Path, cancellationToken);
    }

    static async Task<ImportResult> MergeAsync(
        CommandContext context, IBlockStore store, (Dirent? Before, ImportResult Mine, Dirent Added) trees, CancellationToken cancellationToken)
    {
        var merger = new TreeMerger(new DirectoryReader(store, new DirectoryNodeCache()), "other");
        var outcome = await merger.MergeAsync(trees.Before ?? new Dirent { Kind = DirentKind.Directory }, trees.Mine.Root, trees.Added, cancellationToken);
        await store.FlushAsync(cancellationToken);
        if (outcome.Conflicts.Count > 0)
            context.Messages.Say($"another import has added {outcome.Conflicts.Count} of the same names meanwhile: what it has added lies beside them");
        return trees.Mine with { Root = outcome.Root };
    }

    async Task<ImportResult> ImportTarAsync(
        CommandContext context, TreeImport import, Func<ValueTask<Dirent?>> findPrevious, ReadOnlyMemory<byte> path, CancellationToken cancellationToken)
    {
        var name = context.Get(_source) == "-" ? "standard input" : context.Get(_source);
        try
        {
            await using var archive = context.Get(_source) == "-"
                ? context.Surroundings.Input
                : new FileStream(context.PathFromHere(context.Get(_source)), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0, FileOptions.SequentialScan);
            return await import.RunTarAsync(archive, findPrevious, path, cancellationToken);
        }
        catch (FormatInvalidException fault)
        {
            throw new UserErrorException($"{name}: {fault.What}, at byte {fault.Offset}; no state was added", fault);
        }
        catch (InvalidDataException fault)
        {
            throw new UserErrorException($"{name}: {fault.Message}; no state was added", fault);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{name} can't be read: {FileFault.TextOf(fault)}", fault);
        }
    }

    static Option<string[]> Rule(string name, string description) => new(name) { Description = description, HelpName = "PATTERN" };

    static string Summary(ImportCounters counters, ImportResult result, ArchiveState? state, TimeSpan took) =>
        $"{HumanText.Count(counters.Entries, "entry", "entries")}, {HumanText.Count(counters.FilesRead, "file")} read ({HumanText.Size(counters.BytesRead)}), "
        + $"{HumanText.Count(counters.UnchangedFiles)} unchanged, {HumanText.Size(result.Blocks.NewBytes)} new in {HumanText.Size(result.Blocks.StoredBytes)}, "
        + $"{HumanText.Duration(took)}{(state is null ? "; nothing has changed" : "")}";

    static void PrintJson(ResultWriter output, ImportCounters counters, ImportResult result, ArchiveState? state)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteNumber("entries", counters.Entries);
        json.WriteNumber("files_read", counters.FilesRead);
        json.WriteNumber("bytes_read", counters.BytesRead);
        json.WriteNumber("files_unchanged", counters.UnchangedFiles);
        json.WriteNumber("issues", counters.Issues);
        json.WriteNumber("new_blocks", result.Blocks.NewBlocks);
        json.WriteNumber("new_bytes", result.Blocks.NewBytes);
        json.WriteNumber("stored_bytes", result.Blocks.StoredBytes);
        json.WriteNumber("known_blocks", result.Blocks.KnownBlocks);
        json.WriteNumber("known_bytes", result.Blocks.KnownBytes);
        json.WriteBoolean("partial", result.IsPartial);
        json.WriteBoolean("changed", state is not null);
        json.WriteString("root", result.Root.ToString());
        json.WriteEndObject();
        output.EndJson();
    }

    FilterRules? FilterOf(CommandContext context)
    {
        var rules = new FilterRules();
        foreach (var (option, value) in context.InOrder(_include, _exclude, _excludeFrom))
        {
            if (option == _include.Name)
                rules.Include(LosslessText.ToBytes(value));
            else if (option == _exclude.Name)
                rules.Exclude(LosslessText.ToBytes(value));
            else
                rules.ExcludeFrom(ReadRules(context.PathFromHere(value)));
        }

        return rules.IsEmpty ? null : rules;
    }

    static byte[] ReadRules(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path}: the rules can't be read: {FileFault.TextOf(e)}", e);
        }
    }
}
