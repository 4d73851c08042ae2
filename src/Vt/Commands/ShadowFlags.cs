using System.CommandLine;
using Vt.Hosts.ShadowHost;
using Vt.Stores.Config;

namespace Vt.Commands;

/// <summary>The options that <c>vt shadow sync</c> and <c>vt shadow watch</c> have in common.</summary>
sealed class ShadowFlags
{
    readonly Option<string> _rule = new("--conflict") { Description = "What becomes of what both sides changed: keep-both, folder, store, newer or stop; else keep-both", HelpName = "RULE" };
    readonly Option<string> _oneWay = new("--one-way") { Description = "Only change the archive (to-store) or only the folder (to-folder)", HelpName = "WAY" };
    readonly Option<bool> _force = new("--force") { Description = "Take an emptied or replaced folder, or an older archive, for what it is" };
    readonly Option<bool> _anew = new("--anew") { Description = "Forget what was agreed, and join both as at the first time" };
    readonly Option<bool> _numericOwner = new("--numeric-owner") { Description = "Give files to the stored user and group numbers, not names" };
    readonly Option<string> _state = ShadowVerbs.State();
    readonly Argument<string> _folder = new("FOLDER") { Description = "The folder" };
    readonly Argument<string> _target = new("ARCHIVE.vt") { Description = "The archive, made if it is not there" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_rule, _oneWay, _force, _anew, _numericOwner, _state])
            command.Options.Add(option);
        command.Arguments.Add(_folder);
        command.Arguments.Add(_target);
    }

    /// <summary>Reads them.</summary>
    public (ShadowOptions Options, string State) Read(CommandContext context)
    {
        var folder = ShadowVerbs.FolderOf(context, _folder);
        ShadowVerbs.CheckFolder(folder, StoreFactory.FoldersOf(context.StoreSettings));
        var options = ShadowVerbs.OptionsOf(context, folder, ShadowVerbs.ArchiveOf(context, _target, folder)) with
        {
            Rule = ShadowVerbs.RuleOf(context.Get(_rule)),
            Direction = ShadowVerbs.DirectionOf(context.Get(_oneWay)),
            Force = context.Get(_force),
            Anew = context.Get(_anew),
            NumericOwner = context.Get(_numericOwner),
        };
        return (options, ShadowVerbs.PlaceOf(context, context.Get(_state), folder));
    }
}
