using Vt.Output;

namespace Vt.Settings;

/// <summary>The names that the executable answers to, and what each makes of its arguments.</summary>
static class ProgramNames
{
    /// <summary>The arguments of <c>vt</c> that a call under this name means.</summary>
    /// <param name="name">The name by which the program was called.</param>
    /// <param name="arguments">The words after it.</param>
    /// <param name="messages">Where it is said what is wrong.</param>
    /// <returns>The arguments; or none and the exit status, where there is nothing to run or it has been said what is wrong.</returns>
    public static (string[]? Arguments, int Code) Translate(string name, string[] arguments, MessageWriter messages)
    {
        switch (name)
        {
            case "mount.fuse.vt" or "mount.vt":
                return MountHelper.Translate(arguments, messages);
            case "vtftp":
                return (arguments is ["--version"] ? arguments : ["ftp", .. arguments], ExitCode.Ok);
            default:
                return (arguments, ExitCode.Ok);
        }
    }
}
