namespace Vt.CrashTest;

/// <summary>Thinks of the next step. Writers of large files append in order, so that they are stored early; others do everything.</summary>
sealed class StepMaker(Random random, bool isLarge)
{
    const int Names = 8;
    const int LargestSmall = 300_000;
    const int LargePiece = 1 << 20;
    const int LargestLarge = 60 << 20;

    public Step Next(ModelTree tree)
    {
        while (true)
        {
            if ((isLarge ? TryLarge(tree) : TrySmall(tree)) is { } step)
                return step;
        }
    }

    Step? TryLarge(ModelTree tree)
    {
        var files = tree.Files.ToList();
        var kind = random.Next(100);
        if (files.Count == 0 || (kind < 2 && files.Count < 3))
            return Free(tree) is { } made ? new Step(StepKind.Create, made) : null;
        var path = files[random.Next(files.Count)];
        var size = tree.File(path).Size;
        return kind switch
        {
            < 90 => size < LargestLarge ? new Step(StepKind.Append, path, Offset: size, Length: LargePiece, Seed: random.Next()) : new Step(StepKind.Unlink, path),
            < 92 => new Step(StepKind.Fsync, path),
            < 96 => size > 0 ? new Step(StepKind.Write, path, Offset: random.Next(size), Length: 1 + random.Next(100_000), Seed: random.Next()) : null,
            < 97 => new Step(StepKind.Resize, path, Offset: random.Next(size + 1)),
            < 98 => new Step(StepKind.Rename, path, Any()),
            _ => files.Count > 1 ? new Step(StepKind.Unlink, path) : null,
        };
    }

    Step? TrySmall(ModelTree tree)
    {
        var files = tree.Files.ToList();
        var kind = random.Next(100);
        if (kind < 12 || files.Count == 0)
            return Free(tree) is { } made ? new Step(StepKind.Create, made) : null;
        var path = files[random.Next(files.Count)];
        var size = tree.File(path).Size;
        return kind switch
        {
            < 40 => new Step(
                kind < 16 ? StepKind.WriteDurably : StepKind.Write, path, Offset: random.Next(Math.Min(size + 5000, LargestSmall)), Length: Length(), Seed: random.Next()),
            < 52 => size < LargestSmall ? new Step(StepKind.Append, path, Offset: size, Length: Length(), Seed: random.Next()) : null,
            < 58 => new Step(StepKind.Resize, path, Offset: random.Next(size + 2000)),
            < 64 => new Step(StepKind.Unlink, path),
            < 74 => tree.Folders.Contains(Any()[..2]) && Any() is var other && tree.Folders.Contains(other[..2]) ? new Step(StepKind.Rename, path, other) : null,
            < 79 => Free(tree) is { } free ? new Step(StepKind.Link, path, free) : null,
            < 84 => new Step(StepKind.SetAttribute, path, Length: 1 + random.Next(random.Next(8) == 0 ? 3000 : 40), Seed: random.Next()),
            < 87 => new Step(StepKind.Chmod, path, Offset: random.Next(2) == 0 ? 0x1a4 : 0x180),
            < 90 => RenameFolder(tree),
            < 97 => new Step(StepKind.Fsync, path),
            _ => new Step(StepKind.FsyncFolder, path[..2]),
        };
    }

    int Length() => random.Next(6) switch
    {
        0 => 65536 + random.Next(60_000),
        1 => 1 + random.Next(30_000),
        _ => 1 + random.Next(6000),
    };

    string Any() => $"d{random.Next(3)}/f{random.Next(Names)}";

    string? Free(ModelTree tree)
    {
        var path = Any();
        return tree.Folders.Contains(path[..2]) && !tree.Has(path) ? path : null;
    }

    // One of four names is free.
    Step? RenameFolder(ModelTree tree)
    {
        var (from, to) = ($"d{random.Next(4)}", $"d{random.Next(4)}");
        return tree.Folders.Contains(from) && !tree.Folders.Contains(to) ? new Step(StepKind.RenameFolder, from, to) : null;
    }
}
