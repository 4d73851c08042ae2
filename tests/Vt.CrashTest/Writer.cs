using System.Security.Cryptography;
using System.Text;
using Vt.Posix;

namespace Vt.CrashTest;

/// <summary>
/// One thread's folder on a mount. Its steps are done one after another, so that after a crash the folder has to be as it was after one of them:
/// no earlier one than the last that was acknowledged as durable, no later one than the last that was begun.
/// </summary>
sealed class Writer
{
    readonly string _folder;
    readonly StepMaker _maker;
    readonly List<Step> _steps = [];
    ModelTree _known; // what the mount had when it was checked last
    ModelTree _ahead; // after all steps
    int _done;
    int _acknowledged;
    int _total;

    public Writer(string mount, int number, Random random, bool isLarge)
    {
        _folder = Path.Combine(mount, $"w{number}");
        _maker = new StepMaker(random, isLarge);
        _known = new ModelTree(3);
        _ahead = new ModelTree(3);
    }

    public int Done => Volatile.Read(ref _done);

    public int Total => _total;

    /// <summary>Whether its empty folders are there for good.</summary>
    public bool HasBegun { get; private set; }

    public void Begin()
    {
        PosixFile.Mkdir(_folder);
        foreach (var folder in _ahead.Folders)
            PosixFile.Mkdir(Path.Combine(_folder, folder));
        using var made = PosixFile.Open(_folder, OpenFlags.O_RDONLY);
        PosixFile.Fsync(made);
        HasBegun = true;
    }

    /// <summary>Somebody's fsync came back that was called when so many steps were done.</summary>
    public void Acknowledge(int steps)
    {
        var known = Volatile.Read(ref _acknowledged);
        while (steps > known)
        {
            var seen = Interlocked.CompareExchange(ref _acknowledged, steps, known);
            if (seen == known)
                return;
            known = seen;
        }
    }

    /// <summary>Does one step.</summary>
    /// <exception cref="PosixException">It failed; nothing is known of it.</exception>
    public void Step(IReadOnlyList<Writer> all)
    {
        var step = _maker.Next(_ahead);
        _steps.Add(step);
        _ahead.Apply(step);
        if (step.Kind is StepKind.Fsync or StepKind.FsyncFolder)
            Sync(step, all);
        else
            Do(step);
        Interlocked.Increment(ref _done);
        if (step.Kind == StepKind.WriteDurably)
            Acknowledge(Done);
    }

    /// <summary>Finds after which step the folder is as it is; goes on from there.</summary>
    /// <returns>How many steps were lost.</returns>
    public int Check()
    {
        var (found, folders) = Find();
        var first = _known.Compare(found, folders);
        var differences = new List<string?> { first };
        var matched = first is null && _acknowledged == 0 ? 0 : -1;
        for (var i = 0; i < _steps.Count && matched < 0; i++)
        {
            if (i >= _acknowledged && _known.ApplyInPart(_steps[i], () => _known.Compare(found, folders) is null))
            {
                matched = i;
                break;
            }

            _known.Apply(_steps[i]);
            if (i + 1 < _acknowledged)
                continue;
            var difference = _known.Compare(found, folders);
            differences.Add(difference);
            if (difference is null)
                matched = i + 1;
        }

        if (matched < 0)
        {
            throw new CrashFailure(
                $"{_folder} is as it was after no step from {_acknowledged} to {_steps.Count}: {string.Join("; ", differences.TakeLast(12))}. The last steps: "
                + string.Join("; ", _steps.TakeLast(100).Select(static step => $"{step.Kind} {step.Path} {step.Other} {step.Offset} {step.Length}")));
        }

        var lost = _done - Math.Min(_done, matched);
        _total += matched;
        _ahead = _known.Copy();
        _steps.Clear();
        _done = _acknowledged = 0;
        return lost;
    }

    void Sync(Step step, IReadOnlyList<Writer> all)
    {
        using var file = PosixFile.Open(At(step.Path), OpenFlags.O_RDONLY);
        var done = all.Select(static writer => writer.Done).ToArray();
        PosixFile.Fsync(file);
        for (var i = 0; i < done.Length; i++)
            all[i].Acknowledge(done[i]);
    }

    void Do(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Create:
                PosixFile.Open(At(step.Path), OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, 0x1a4).Dispose();
                break;
            case StepKind.Write or StepKind.Append:
                Write(step, OpenFlags.O_RDWR);
                break;
            case StepKind.WriteDurably:
                Write(step, OpenFlags.O_RDWR | OpenFlags.O_DSYNC);
                break;
            case StepKind.Resize:
                using (var file = PosixFile.Open(At(step.Path), OpenFlags.O_RDWR))
                    PosixFile.Ftruncate(file, step.Offset);
                break;
            case StepKind.Unlink:
                PosixFile.Unlink(At(step.Path));
                break;
            case StepKind.Rename or StepKind.RenameFolder:
                PosixFile.Rename(At(step.Path), At(step.Other));
                break;
            case StepKind.Link:
                PosixFile.Link(Encoding.UTF8.GetBytes(At(step.Path)), Encoding.UTF8.GetBytes(At(step.Other)));
                break;
            case StepKind.SetAttribute:
                if (Xattrs.TrySet(Encoding.UTF8.GetBytes(At(step.Path)), "user.n"u8, step.Bytes()) is var error && error != Errno.OK)
                    throw new PosixException(error, "setxattr", step.Path);
                break;
            case StepKind.Chmod:
                using (var file = PosixFile.Open(At(step.Path), OpenFlags.O_RDONLY))
                {
                    if (Ownership.TryChmod(file, (uint)step.Offset) is var refusal && refusal != Errno.OK)
                        throw new PosixException(refusal, "fchmod", step.Path);
                }

                break;
        }
    }

    void Write(Step step, OpenFlags flags)
    {
        using var file = PosixFile.Open(At(step.Path), flags);
        PosixFile.PwriteFully(file, step.Bytes(), step.Offset);
    }

    (SortedDictionary<string, FoundFile> Files, List<string> Folders) Find()
    {
        var files = new SortedDictionary<string, FoundFile>(StringComparer.Ordinal);
        var folders = Directory.GetDirectories(_folder).Select(static path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToList();
        foreach (var folder in folders)
        {
            foreach (var path in Directory.GetFileSystemEntries(At(folder)))
                files.Add($"{folder}/{Path.GetFileName(path)}", Find(path));
        }

        return (files, folders);
    }

    static FoundFile Find(string path)
    {
        using var file = PosixFile.Open(path, OpenFlags.O_RDONLY);
        var status = PosixFile.Fstat(file);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = new byte[1 << 20];
        var beginning = Array.Empty<byte>();
        for (long at = 0; PosixFile.PreadUpTo(file, piece, at) is var count and > 0; at += count)
        {
            hash.AppendData(piece, 0, count);
            if (at == 0)
                beginning = piece[..count];
        }

        return new FoundFile(status.Inode, status.Size, (int)status.Links, status.Permissions, Xattrs.Get(file, "user.n"u8), hash.GetHashAndReset(), beginning);
    }

    string At(string path) => Path.Combine(_folder, path);
}
