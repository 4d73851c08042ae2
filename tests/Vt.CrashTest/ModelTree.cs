namespace Vt.CrashTest;

/// <summary>A writer's folder as it should be after a number of steps: folders with files.</summary>
sealed class ModelTree
{
    readonly SortedDictionary<string, SortedDictionary<string, ModelFile>> _folders = new(StringComparer.Ordinal);

    public ModelTree(int folders)
    {
        for (var i = 0; i < folders; i++)
            _folders.Add($"d{i}", new(StringComparer.Ordinal));
    }

    public IReadOnlyCollection<string> Folders => _folders.Keys;

    public IEnumerable<string> Files => _folders.SelectMany(static folder => folder.Value.Keys.Select(name => $"{folder.Key}/{name}"));

    public bool Has(string path) => Folder(path).ContainsKey(Name(path));

    public ModelFile File(string path) => Folder(path)[Name(path)];

    public ModelTree Copy()
    {
        var copies = new Dictionary<ModelFile, ModelFile>();
        var copy = new ModelTree(0);
        foreach (var (folder, files) in _folders)
        {
            var copied = new SortedDictionary<string, ModelFile>(StringComparer.Ordinal);
            foreach (var (name, file) in files)
            {
                if (!copies.TryGetValue(file, out var same))
                    copies.Add(file, same = file.Copy());
                copied.Add(name, same);
            }

            copy._folders.Add(folder, copied);
        }

        return copy;
    }

    public void Apply(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Create:
                Enter(step.Path, new ModelFile());
                break;
            case StepKind.Write or StepKind.WriteDurably or StepKind.Append:
                File(step.Path).Write(step.Offset, step.Bytes());
                break;
            case StepKind.Resize:
                File(step.Path).Resize(step.Offset);
                break;
            case StepKind.Unlink:
                Remove(step.Path);
                break;
            case StepKind.Rename:
                Rename(step.Path, step.Other);
                break;
            case StepKind.Link:
                Enter(step.Other, File(step.Path));
                break;
            case StepKind.SetAttribute:
                File(step.Path).Attribute = step.Bytes();
                break;
            case StepKind.Chmod:
                File(step.Path).Mode = (uint)step.Offset;
                break;
            case StepKind.RenameFolder:
                _folders.Remove(step.Path, out var folder);
                _folders.Add(step.Other, folder!);
                break;
        }
    }

    /// <summary>
    /// Does a write as far as one page after another, since the kernel hands a write over in parts that end with a page: each is one change.
    /// </summary>
    /// <param name="step">The step.</param>
    /// <param name="isEnough">Asked after each part but the last.</param>
    /// <returns>Whether a part was enough.</returns>
    public bool ApplyInPart(Step step, Func<bool> isEnough)
    {
        const int page = 4096;
        if (step.Kind is not (StepKind.Write or StepKind.WriteDurably or StepKind.Append))
            return false;
        var bytes = step.Bytes();
        for (var at = (step.Offset + page) / page * page; at < step.Offset + bytes.Length; at += page)
        {
            File(step.Path).Write(step.Offset, bytes.AsSpan(0, at - step.Offset));
            if (isEnough())
                return true;
        }

        return false;
    }

    /// <summary>How what was found differs; null where it doesn't.</summary>
    public string? Compare(SortedDictionary<string, FoundFile> found, IReadOnlyCollection<string> folders)
    {
        if (!folders.SequenceEqual(_folders.Keys))
            return $"the folders are {string.Join(' ', folders)}, not {string.Join(' ', _folders.Keys)}";
        var files = Files.ToList();
        if (!files.SequenceEqual(found.Keys))
            return $"the files are {string.Join(' ', found.Keys)}, not {string.Join(' ', files)}";
        var inodes = new Dictionary<ulong, ModelFile>();
        foreach (var (path, file) in found)
        {
            if (inodes.TryGetValue(file.Inode, out var same) && same != File(path))
                return $"{path} has another's inode number";
            inodes[file.Inode] = File(path);
            if (File(path).Compare(file) is { } difference)
                return $"{path} {difference}";
        }

        return null;
    }

    SortedDictionary<string, ModelFile> Folder(string path) => _folders[path[..path.IndexOf('/')]];

    static string Name(string path) => path[(path.IndexOf('/') + 1)..];

    void Enter(string path, ModelFile file)
    {
        Folder(path).Add(Name(path), file);
        file.Links++;
    }

    void Remove(string path)
    {
        Folder(path).Remove(Name(path), out var file);
        file!.Links--;
    }

    // Of two names of one file a rename changes nothing.
    void Rename(string path, string other)
    {
        var file = File(path);
        if (Has(other))
        {
            if (File(other) == file)
                return;
            Remove(other);
        }

        Remove(path);
        Enter(other, file);
    }
}
