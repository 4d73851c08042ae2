namespace Vt.Tests.Chains;

/// <summary>How a random chain is put together: a part and what is behind it. The number names the part's folder and its faults.</summary>
/// <param name="Kind">What the part is.</param>
/// <param name="Number">Which one it is, from 0, the one at the top.</param>
/// <param name="IsChecked">Whether somebody before it compares bytes with names.</param>
/// <param name="Behind">What it uses.</param>
sealed record ChainShape(ChainPart Kind, int Number, bool IsChecked, params ChainShape[] Behind)
{
    const int Deepest = 4;

    /// <summary>The part and all behind it.</summary>
    public IEnumerable<ChainShape> Parts => Behind.SelectMany(static part => part.Parts).Prepend(this);

    /// <summary>Makes a chain of two to some eight parts.</summary>
    public static ChainShape Make(Random random)
    {
        var count = 0;
        var forks = 0;
        return Next(1, isChecked: false);

        ChainShape Next(int depth, bool isChecked)
        {
            // A meta store has to take it that it is partial, which a disk does, and memory.
            var number = count++;
            var kind = Choose(depth);
            var isSeen = isChecked || kind != ChainPart.Progress;

            // One fork is enough.
            forks += kind is ChainPart.Pair or ChainPart.Near ? 1 : 0;
            var behind = new ChainShape[kind switch { ChainPart.Disk or ChainPart.Memory => 0, ChainPart.Pair or ChainPart.Near => 2, _ => 1 }];
            for (var i = 0; i < behind.Length; i++)
                behind[i] = Next(kind == ChainPart.Files ? Deepest : depth + 1, isSeen);
            return new ChainShape(kind, number, isChecked, behind);
        }

        ChainPart Choose(int depth)
        {
            while (true)
            {
                var kind = depth == Deepest ? (ChainPart)random.Next((int)ChainPart.Memory + 1) : (ChainPart)random.Next((int)ChainPart.Files + 1);
                var isTaken = kind switch
                {
                    ChainPart.Disk or ChainPart.Memory => depth == 1,
                    ChainPart.Pair or ChainPart.Near => forks > 0,
                    ChainPart.Files => depth > 1,
                    _ => false,
                };
                if (!isTaken)
                    return kind;
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Number}:{Kind}{(Behind.Length > 0 ? $"({string.Join(", ", (object[])Behind)})" : "")}";
}
