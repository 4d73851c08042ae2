namespace Vt.Dvol;

/// <summary>A piece of a YAML document: a text, a list or a table.</summary>
sealed class YamlNode
{
    /// <summary>The text; null of a list or table.</summary>
    public string? Text { get; init; }

    /// <summary>What is listed; empty of others.</summary>
    public IReadOnlyList<YamlNode> Items { get; init; } = [];

    /// <summary>What the table has, in its order; empty of others.</summary>
    public IReadOnlyList<(string Name, YamlNode Value)> Fields { get; init; } = [];

    /// <summary>A field of the table; null where there is none.</summary>
    public YamlNode? this[string name] => Fields.LastOrDefault(field => field.Name == name).Value;
}
