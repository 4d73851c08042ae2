using Vt.Blocks.Contracts;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using Tree = YamlDotNet.RepresentationModel.YamlNode;

namespace Vt.Dvol;

/// <summary>Reads a YAML document, with what its anchors stand for in the place of each alias, and what &lt;&lt; names merged in.</summary>
sealed class YamlReader
{
    const string MergeKey = "<<";

    readonly string _file;

    // A document in which many aliases stand for one another is not made larger by them; one within itself is null here while it is read.
    readonly Dictionary<Tree, YamlNode?> _read = new(ReferenceEqualityComparer.Instance);

    YamlReader(string file) => _file = file;

    /// <summary>Reads a document.</summary>
    /// <param name="text">The document.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <exception cref="UserErrorException">It can't be read.</exception>
    public static YamlNode Read(string text, string file)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException fault)
        {
            throw Fault(file, fault.Start, fault.Message, fault);
        }

        return stream.Documents.Count == 0 ? new YamlNode() : new YamlReader(file).Read(stream.Documents[0].RootNode);
    }

    static UserErrorException Fault(string file, Mark at, string what, Exception? cause = null) => new($"Error: {file}:{at.Line}: {what}", cause);

    YamlNode Read(Tree tree)
    {
        if (_read.TryGetValue(tree, out var known))
            return known ?? throw Fault(_file, tree.Start, "what an anchor stands for has it in itself");
        _read.Add(tree, null);
        var node = tree switch
        {
            YamlScalarNode scalar => new YamlNode { Text = scalar.Value ?? "" },
            YamlSequenceNode list => new YamlNode { Items = [.. list.Children.Select(Read)] },
            YamlMappingNode table => new YamlNode { Fields = [.. Merged(table), .. table.Children.Where(static field => !IsMerge(field.Key)).Select(field => (NameOf(field.Key), Read(field.Value)))] },
            _ => throw Fault(_file, tree.Start, "an alias stands for nothing"),
        };
        return _read[tree] = node;
    }

    // The first one that has a field gives it, and the table's own come before all; who asks takes the last.
    IEnumerable<(string Name, YamlNode Value)> Merged(YamlMappingNode table) => table.Children
        .Where(static field => IsMerge(field.Key))
        .SelectMany(field => field.Value is YamlSequenceNode list ? list.Children.Reverse().SelectMany(below => Read(below).Fields) : Read(field.Value).Fields);

    static bool IsMerge(Tree key) => key is YamlScalarNode { Value: MergeKey, Style: ScalarStyle.Plain };

    string NameOf(Tree key) => (key as YamlScalarNode)?.Value ?? throw Fault(_file, key.Start, "a field's name is a text");
}
