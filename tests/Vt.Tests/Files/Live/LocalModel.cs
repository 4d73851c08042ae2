using System.Text;
using Vt.Files;

namespace Vt.Tests.Files.Live;

/// <summary>A tree as it should be, and which of its names are local; the plainest way to say it.</summary>
sealed class LocalModel
{
    public LocalModelNode Root { get; } = new() { Children = [] };

    public LocalRules Rules { get; private set; } = LocalRules.None;

    /// <summary>What a path leads to; null where there is none.</summary>
    public LocalModelNode? Find(IEnumerable<string> path)
    {
        var at = Root;
        foreach (var name in path)
        {
            if (at.Children?.GetValueOrDefault(name).Node is not { } next)
                return null;
            at = next;
        }

        return at;
    }

    public void Enter(string[] path, LocalModelNode node)
    {
        var directory = Find(path[..^1])!;
        directory.Children![path[^1]] = (node, IsLocal(path, node.Children is not null));
        Reconsider(path, node);
    }

    public LocalModelNode Remove(string[] path)
    {
        Find(path[..^1])!.Children!.Remove(path[^1], out var entry);
        return entry.Node;
    }

    public void SetRules(LocalRules rules)
    {
        Rules = rules;
        ReconsiderBelow([], Root);
    }

    /// <summary>Every path with what it leads to, in order.</summary>
    public IEnumerable<(string Path, LocalModelNode Node)> List(bool withLocal) => List("", Root, withLocal);

    static IEnumerable<(string Path, LocalModelNode Node)> List(string path, LocalModelNode directory, bool withLocal)
    {
        foreach (var (name, (node, isLocal)) in directory.Children!)
        {
            if (isLocal && !withLocal)
                continue;
            yield return (path + name, node);
            if (node.Children is null)
                continue;
            foreach (var below in List($"{path}{name}/", node, withLocal))
                yield return below;
        }
    }

    // A name is local where its folder is, or where the rules name it or a folder above.
    bool IsLocal(string[] path, bool isDirectory)
    {
        var at = Root;
        for (var i = 0; i < path.Length; i++)
        {
            if (Rules.Excludes(Encoding.UTF8.GetBytes(string.Join('/', path[..(i + 1)])), isDirectory || i < path.Length - 1))
                return true;
            if (i == path.Length - 1)
                break;
            var entry = at.Children![path[i]];
            if (entry.IsLocal)
                return true;
            at = entry.Node;
        }

        return false;
    }

    void Reconsider(string[] path, LocalModelNode node)
    {
        if (node.Children is null)
            return;
        if (Find(path[..^1])!.Children![path[^1]].IsLocal)
            MakeLocal(node);
        else
            ReconsiderBelow(path, node);
    }

    static void MakeLocal(LocalModelNode directory)
    {
        foreach (var (name, (node, _)) in directory.Children!.ToList())
        {
            directory.Children![name] = (node, true);
            if (node.Children is not null)
                MakeLocal(node);
        }
    }

    // What is stored stays so; what is local need not.
    void ReconsiderBelow(string[] path, LocalModelNode directory)
    {
        foreach (var (name, (node, wasLocal)) in directory.Children!.ToList())
        {
            string[] below = [.. path, name];
            directory.Children![name] = (node, false);
            var isLocal = wasLocal && IsLocal(below, node.Children is not null);
            directory.Children[name] = (node, isLocal);
            if (node.Children is not null && !isLocal)
                ReconsiderBelow(below, node);
        }
    }
}
