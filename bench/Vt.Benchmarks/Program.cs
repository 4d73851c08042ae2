using Vt.Benchmarks.Chunking;
using Vt.Benchmarks.Hashing;

return args switch
{
    ["hashing"] => HashingSpeed.Run(),
    ["chunking", .. var files] when files.Length > 0 => ChunkingComparison.Run(files),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Vt.Benchmarks hashing | chunking FILE...");
    return 2;
}
