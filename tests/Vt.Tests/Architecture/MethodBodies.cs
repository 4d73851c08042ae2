using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Vt.Tests.Architecture;

/// <summary>What stands in an assembly's methods.</summary>
static class MethodBodies
{
    /// <summary>
    /// How many try blocks stand in another's finally or catch, of each method whose name its type has once.
    /// </summary>
    /// <param name="path">The assembly.</param>
    public static Dictionary<string, int> CountTriesInHandlers(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        if (!file.HasMetadata)
            return counts;
        var names = new HashSet<string>(StringComparer.Ordinal);
        var reader = file.GetMetadataReader();
        foreach (var type in reader.TypeDefinitions)
        {
            foreach (var handle in reader.GetTypeDefinition(type).GetMethods())
            {
                var method = reader.GetMethodDefinition(handle);
                var name = $"{NameOf(reader, type)}::{reader.GetString(method.Name)}";
                if (!names.Add(name))
                    counts.Remove(name);
                else if (method.RelativeVirtualAddress != 0 && method.ImplAttributes.HasFlag(System.Reflection.MethodImplAttributes.IL))
                    counts.Add(name, CountTriesInHandlers(file.GetMethodBody(method.RelativeVirtualAddress)));
            }
        }

        return counts;
    }

    static int CountTriesInHandlers(MethodBodyBlock body) => body.ExceptionRegions.Count(inner => body.ExceptionRegions.Any(outer =>
        inner.TryOffset >= outer.HandlerOffset && inner.TryOffset < outer.HandlerOffset + outer.HandlerLength));

    static string NameOf(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var name = reader.GetString(type.Name);
        return type.GetDeclaringType() is { IsNil: false } outer ? $"{NameOf(reader, outer)}/{name}" : $"{reader.GetString(type.Namespace)}.{name}";
    }
}
