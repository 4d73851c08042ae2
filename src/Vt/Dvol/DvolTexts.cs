using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Dvol;

/// <summary>What several commands of dvol say.</summary>
static class DvolTexts
{
    /// <summary>Too many or too few words.</summary>
    public const string WrongNumber = "Wrong number of arguments.";

    /// <summary>A commit that is not there.</summary>
    public const string NoCommit = "Referenced commit does not exist; check dvol log";

    /// <summary>How many digits of a commit dvol has always shown.</summary>
    public const int IdDigits = 40;

    /// <summary>A commit's name as dvol has always shown it: 40 digits, the beginning of vt's.</summary>
    public static string IdOf(BlockHash id) => CommitText.IdOf(id)[..IdDigits];

    /// <summary>Refuses what is no name for a volume.</summary>
    /// <exception cref="UserErrorException">It is none.</exception>
    public static void CheckName(string name)
    {
        if (VolumeNames.FaultOfVolume(name) is not null)
            throw new UserErrorException($"Error: {name} is not a valid name");
    }
}
