using Vt.CrashTest;

// Kills a live mount's server, and cuts the power under it, while threads write; checks after each that all is there that was
// acknowledged, and that nothing else than a moment of each thread's work is there. Arguments: the program, a folder, and name=value as in
// CrashOptions.
if (args.Length < 2)
{
    Console.Error.WriteLine("usage: vt-crashtest PROGRAM FOLDER [NAME=NUMBER]...");
    return 2;
}

var options = CrashOptions.Parse(args);
try
{
    new CrashRun(options, Console.Out).Run();
    return 0;
}
catch (CrashFailure failure)
{
    Console.Error.WriteLine($"FAILED (seed {options.Seed}): {failure.Message}");
    return 1;
}
