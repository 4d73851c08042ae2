using System.Buffers;
using Vt.Files.Journal;

namespace Vt.Files.BackedFiles;

/// <summary>
/// The parts that a read takes, with a hold on those in the log, so that neither an overwrite nor a checkpoint takes them away.
/// Neighbours in the log are one part, whatever their stamps. Who has the plan calls <see cref="Release"/> once.
/// </summary>
struct ReadPlan(IFrontData front)
{
    const int FirstCapacity = 16;

    Extent[] _parts = [];
    int _count;

    /// <summary>The parts in order.</summary>
    public readonly ReadOnlySpan<Extent> Parts => _parts.AsSpan(0, _count);

    /// <summary>How many bytes they have.</summary>
    public int Length { get; private set; }

    /// <summary>Plans a range of a content and takes the holds.</summary>
    public static ReadPlan Of(in ContentLayers layers, long offset, int length, IFrontData front)
    {
        var plan = new ReadPlan(front);
        for (var walk = layers.Walk(offset, offset + length); walk.MoveNext();)
            plan.Add(walk.Current);
        foreach (ref readonly var part in plan.Parts)
        {
            if (part.Source.Kind == ExtentSourceKind.Log)
                front.Retain(part.Source.Place, part.Length);
        }

        return plan;
    }

    /// <summary>Lets go.</summary>
    public readonly void Release()
    {
        foreach (ref readonly var part in Parts)
        {
            if (part.Source.Kind == ExtentSourceKind.Log)
                front.Release(part.Source.Place, part.Length);
        }

        if (_parts.Length > 0)
            ArrayPool<Extent>.Shared.Return(_parts, clearArray: true);
    }

    void Add(in Extent part)
    {
        Length += (int)part.Length;
        if (_count > 0 && _parts[_count - 1].IsContinuedBy(part))
        {
            _parts[_count - 1] = _parts[_count - 1] with { Length = _parts[_count - 1].Length + part.Length };
            return;
        }

        if (_count == _parts.Length)
            Grow();
        _parts[_count++] = part;
    }

    void Grow()
    {
        var more = ArrayPool<Extent>.Shared.Rent(Math.Max(FirstCapacity, _count * 2));
        Parts.CopyTo(more);
        if (_parts.Length > 0)
            ArrayPool<Extent>.Shared.Return(_parts, clearArray: true);
        _parts = more;
    }
}
