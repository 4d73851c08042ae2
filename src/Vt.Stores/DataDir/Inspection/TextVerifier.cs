using Vt.Posix;
using Vt.Stores.DataDir.Refs;
using Vt.Stores.DataDir.Text;

namespace Vt.Stores.DataDir.Inspection;

/// <summary>Checks the text files: the catalogue, the references, the list of damaged blocks.</summary>
/// <param name="layout">Where they lie.</param>
/// <param name="faults">Receives what is wrong.</param>
sealed class TextVerifier(DataDirLayout layout, FaultList faults)
{
    /// <summary>Checks the catalogue.</summary>
    /// <returns>What it says, as far as it can be read.</returns>
    public CatalogueState VerifyCatalogue()
    {
        var state = new CatalogueState();
        if (ReadLines(layout.Catalogue) is not { } lines)
        {
            faults.Add(layout.Catalogue, 0, "the catalogue is missing: packs and references that are gone can't be noticed");
            return state;
        }

        foreach (var line in lines)
        {
            if (CheckLine(layout.Catalogue, line) && state.Apply(line.Fields) is { } wrong)
                faults.Add(layout.Catalogue, line.Offset, wrong);
        }

        return state;
    }

    /// <summary>Checks all references.</summary>
    /// <param name="catalogue">What must be there.</param>
    /// <returns>How many there are.</returns>
    public int VerifyRefs(CatalogueState catalogue)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        faults.Try(layout.Refs, () =>
        {
            foreach (var path in Directory.EnumerateFiles(layout.Refs))
            {
                if (RefFiles.NameOf(path) is not { } name)
                {
                    faults.Note(path, 0, "this is no reference");
                    continue;
                }

                seen.Add(name);
                faults.Try(path, () => VerifyRef(path, name, catalogue));
            }
        });
        foreach (var name in catalogue.Refs.Keys)
        {
            if (!seen.Contains(name))
                faults.Add(Path.Combine(layout.Refs, name.Replace('/', '%')), 0, $"reference {name} is missing");
        }

        return seen.Count;
    }

    /// <summary>Checks the list of damaged blocks.</summary>
    public void VerifyDamaged()
    {
        foreach (var line in ReadLines(layout.Damaged) ?? [])
        {
            if (CheckLine(layout.Damaged, line) && !DamagedList.IsKnown(line.Fields!))
                faults.Add(layout.Damaged, line.Offset, "a line names no block");
        }
    }

    void VerifyRef(string path, string name, CatalogueState catalogue)
    {
        var length = PosixFile.Stat(path).Size;
        // The next opening lists what a writer that was interrupted had not listed, but for a file without a movement: there is no such reference yet.
        var isListed = catalogue.Refs.TryGetValue(name, out var listed);
        if (!isListed && length == 0)
            faults.Note(path, 0, "this reference never had a value: a writer was interrupted");
        else if (!isListed)
            faults.Add(path, 0, $"reference {name} is not in the catalogue");
        else if (length < listed)
            faults.Add(path, length, $"the log has {length} bytes and had {listed}: movements are lost");
        foreach (var line in ReadLines(path) ?? [])
        {
            if (CheckLine(path, line) && RefFiles.Parse(line.Fields) is null)
                faults.Add(path, line.Offset, "a line is no movement");
        }
    }

    bool CheckLine(string path, in CheckedLineAt line)
    {
        if (line.Fields is not null)
            return true;
        faults.Add(path, line.Offset, line.IsTorn ? "the last line is cut off" : "a line does not match its checksum");
        return false;
    }

    List<CheckedLineAt>? ReadLines(string path)
    {
        List<CheckedLineAt>? lines = null;
        faults.Try(path, () =>
        {
            var error = PosixFile.TryOpen(path, OpenFlags.O_RDONLY, 0, out var file);
            if (error == Errno.ENOENT)
                return;
            if (error != 0)
                throw new PosixException(error, "open", path);
            using (file)
            {
                var bytes = new byte[PosixFile.Fstat(file).Size];
                lines = CheckedLine.ReadAll(bytes.AsSpan(0, PosixFile.PreadUpTo(file, bytes, 0)));
            }
        });
        return lines;
    }
}
