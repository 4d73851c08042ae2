namespace Vt.Dvol;

/// <summary>What dvol says of itself.</summary>
static class DvolHelp
{
    /// <summary>The commands, with what each takes and does.</summary>
    static readonly (string Line, string Meaning)[] Commands =
    [
        ("init VOLUME", "Create a volume and its master branch, then switch to it"),
        ("list, ls", "List all volumes, their branches and the containers that use them"),
        ("switch VOLUME", "Switch the active volume, that of commands without VOLUME"),
        ("commit -m MESSAGE [VOLUME]", "Create a commit of a volume's branch as it is now"),
        ("log [VOLUME]", "Show the commits of a branch, the newest first"),
        ("reset --hard COMMIT [VOLUME]", "Reset a branch to a commit, giving up what came later"),
        ("branch [VOLUME]", "List branches"),
        ("branch -d [-f] BRANCH [VOLUME]", "Delete a branch"),
        ("checkout [-b] BRANCH [VOLUME]", "Check out a branch, with -b a new one of the last commit"),
        ("rm [-f] VOLUME", "Destroy a volume, and the stopped containers that use it"),
        ("config KEY [VALUE], config -l", "Get, set or list user.name and user.email"),
        ("seed COMPOSE_FILE", "Print the commands that fill a compose file's volumes from its images"),
    ];

    static readonly (string Line, string Meaning)[] Options =
    [
        ("-p, --path, --pool DIR", "Work on the volumes in a folder of their own, made at first use; else on vt's"),
        ("--disable-docker-integration", "Never ask Docker"),
        ("--volume VOLUME", "The volume; else VT_VOLUME, else the active one"),
        ("--branch BRANCH", "The branch; else the one that is checked out. Of init: the first one's name; of checkout -b: where the new one begins"),
        ("--stop, --pause, --live", "What becomes of containers meanwhile: checkout and reset stop them, commit lets them live"),
        ("--no-commit", "Of init: make no empty first commit, which log does not show"),
        ("-h, --help; --version", "Show this, or the version"),
    ];

    /// <summary>The help, a line each.</summary>
    public static IEnumerable<string> Lines()
    {
        yield return "dvol: version control for your development data in Docker";
        yield return "";
        yield return "Usage: dvol [OPTIONS] COMMAND [ARGUMENTS]";
        yield return "";
        yield return "Commands:";
        foreach (var (line, meaning) in Commands)
            yield return $"  {line,-32}  {meaning}";
        yield return "";
        yield return "Options:";
        foreach (var (line, meaning) in Options)
            yield return $"  {line,-32}  {meaning}";
        yield return "";
        yield return "COMMIT is at least four digits of a commit, or HEAD, with any number of ^ behind it. See dvol(1), and vt(1) for much more.";
    }
}
