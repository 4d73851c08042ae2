using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Mounts;
using Vt.Output;
using Vt.References;
using Vt.Settings;
using Vt.Trees.Dirents;
using Vt.Trees.Tar;

namespace Vt.Commands;

/// <summary>Writes a stored folder as one file that others can read.</summary>
sealed class ArchiveVerb : Verb
{
    const string Tar = "tar";
    const string Store = "vtd";

    readonly Option<string> _as = new("--as") { Description = "The format: tar or vtd", HelpName = "FORMAT", DefaultValueFactory = static _ => Tar };
    readonly Argument<string> _reference = new("REF") { Description = "The folder" };
    readonly Argument<string> _target = new("OUT") { Description = "The file to write; standard output if it is - or left out", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public ArchiveVerb()
        : base("archive", "Write a stored folder as one file: a tar archive or a store file")
    {
        _as.AcceptOnlyFromAmong(Tar, Store);
        Options.Add(_as);
        Arguments.Add(_reference);
        Arguments.Add(_target);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        A tar archive is a POSIX (pax) one, and the same bytes whenever it is made of the same tree: entries in the order of their names,
        owners as numbers, times in nanoseconds, second names of a file as links to the first, holes as GNU tar has them. Extended attributes
        and access lists are there as GNU tar and bsdtar write them; GNU tar restores them with --xattrs --xattrs-include='*' --acls. Sockets are left out.

        A store file (vtd) has every block that the folder is made of, and begins with a reference to it, trees/top: vt -S OUT ls trees/top. It names no store: among the packs of any DataDir too, under the
        name that it gets where OUT is a folder, all of it can be read. The dirent, by which other commands name the folder, is printed unless the file goes to
        standard output; vt dump shows it too. It is not compressed, as vt pack makes them, and holds at most 32 GiB and 2,000,000 blocks.

        OUT has its name only once it is whole and on the disk; a file that was there is replaced, and a device or fifo is written to.
        """ + "\n\n" + ReferenceHelp.Text;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt archive home.vt home.tar", "Write the last state as an archive."),
        ("vt archive home.vt@2026-10/docs | tar t", "List a folder as it was, by tar."),
        ("vt archive --as vtd home.vt/docs ~/.vt/store/packs", "Put a folder of another store among the packs of this one."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var target = context.Get(_target);
        var toOutput = target is null or "-";
        if (toOutput && context.Surroundings.OutputIsTerminal)
            throw new UserErrorException("an archive is nothing for a terminal; name a file, or pipe it somewhere");
        await using var trees = await OpenTrees.OpenAsync(context, cancellationToken);
        var (entry, _) = await trees.FindAsync(context.Get(_reference), cancellationToken);
        var (archive, name, root) = await MakeAsync(context, trees, entry, cancellationToken);
        if (!toOutput && Directory.Exists(context.PathFromHere(target!)))
            target = Path.Combine(target!, name ?? throw new UserErrorException($"{target} is a folder; name a file"));
        var done = 0L;
        await using (new ProgressDisplay(context.Surroundings, context.Messages, context.IsQuiet, "archive", () => new ProgressSnapshot(Volatile.Read(ref done), 0)))
        {
            if (toOutput)
            {
                await OrderedReading.ReadAsync(archive.Length, archive.ReadAsync, Write(context.Output), cancellationToken);
            }
            else
            {
                using var file = new NewFile(context.PathFromHere(target!));
                await OrderedReading.ReadAsync(archive.Length, archive.ReadAsync, Write(file), cancellationToken);
                file.Complete();
            }
        }

        if (root is not null && !toOutput)
            context.Output.WriteLine(root.ToString());

        return ExitCode.Ok;

        Action<ReadOnlyMemory<byte>> Write(object to) => piece =>
        {
            if (to is NewFile file)
                file.Write(piece.Span);
            else
                context.Output.WriteBytes(piece.Span);
            Interlocked.Add(ref done, piece.Length);
        };
    }

    async Task<(IVirtualContent Archive, string? Name, Dirent? Root)> MakeAsync(CommandContext context, OpenTrees trees, Dirent entry, CancellationToken cancellationToken)
    {
        if (context.Get(_as) != Store)
            return (await TarArchive.CreateAsync(trees.Directories, entry, cancellationToken), null, null);
        var (archive, root) = await StoreFile.MakeAsync(trees.Directories, entry, cancellationToken);
        return (archive, archive.FileName, root);
    }
}
