using System.Buffers.Binary;

namespace Vt.Files.Access;

/// <summary>
/// A POSIX access control list in the form in which it lies in the attributes <c>system.posix_acl_access</c> and
/// <c>system.posix_acl_default</c> (acl(5); linux/posix_acl_xattr.h): version 2, then tag, permissions and id of each entry.
/// </summary>
static class PosixAcl
{
    const int HeaderLength = 4;
    const int EntryLength = 8;
    const uint Version = 2;
    const ushort UserOwner = 0x01;
    const ushort User = 0x02;
    const ushort GroupOwner = 0x04;
    const ushort Group = 0x08;
    const ushort Mask = 0x10;
    const ushort Other = 0x20;

    /// <summary>The attribute with the list that is checked.</summary>
    public static ReadOnlySpan<byte> AccessName => "system.posix_acl_access"u8;

    /// <summary>The attribute with the list that what is made in a directory gets.</summary>
    public static ReadOnlySpan<byte> DefaultName => "system.posix_acl_default"u8;

    /// <summary>Whether an attribute of this name is a list.</summary>
    public static bool IsName(ReadOnlySpan<byte> name) => name.SequenceEqual(AccessName) || name.SequenceEqual(DefaultName);

    /// <summary>Whether bytes are a list: each entry known, in order, and those there that have to be.</summary>
    public static bool IsValid(ReadOnlySpan<byte> acl)
    {
        if (acl.Length < HeaderLength || (acl.Length - HeaderLength) % EntryLength != 0 || BinaryPrimitives.ReadUInt32LittleEndian(acl) != Version)
            return false;
        if (acl.Length == HeaderLength)
            return true;
        var seen = 0;
        var last = 0;
        for (var at = HeaderLength; at < acl.Length; at += EntryLength)
        {
            var tag = Tag(acl, at);
            if (tag is not (UserOwner or User or GroupOwner or Group or Mask or Other) || tag < last || Permissions(acl, at) > 7)
                return false;
            if (tag == last && tag is not (User or Group))
                return false;
            last = tag;
            seen |= tag;
        }

        var isNeeded = (seen & (User | Group)) != 0 ? Mask : 0;
        return (seen & (UserOwner | GroupOwner | Other | isNeeded)) == (UserOwner | GroupOwner | Other | isNeeded);
    }

    /// <summary>Exchanges the users and groups that a list names, in place.</summary>
    public static void Exchange(Span<byte> acl, IdentityMap identities)
    {
        const int idOffset = 4;
        for (var at = HeaderLength; at < acl.Length; at += EntryLength)
        {
            var id = acl.Slice(at + idOffset, sizeof(uint));
            var number = BinaryPrimitives.ReadUInt32LittleEndian(id);
            var tag = Tag(acl, at);
            if (tag is User or Group)
                BinaryPrimitives.WriteUInt32LittleEndian(id, tag == User ? identities.User(number) : identities.Group(number));
        }
    }

    /// <summary>The permission bits that stand for a list, and whether they say all that it says.</summary>
    public static (uint Mode, bool IsMinimal) ModeOf(ReadOnlySpan<byte> acl)
    {
        uint mode = 0;
        int mask = -1;
        var isMinimal = true;
        for (var at = HeaderLength; at < acl.Length; at += EntryLength)
        {
            var permissions = (uint)Permissions(acl, at);
            switch (Tag(acl, at))
            {
                case UserOwner:
                    mode |= permissions << 6;
                    break;
                case GroupOwner:
                    mode |= permissions << 3;
                    break;
                case Other:
                    mode |= permissions;
                    break;
                case Mask:
                    mask = (int)permissions;
                    isMinimal = false;
                    break;
                default:
                    isMinimal = false;
                    break;
            }
        }

        return (mask < 0 ? mode : (mode & ~0x38u) | ((uint)mask << 3), isMinimal);
    }

    /// <summary>The list after a chmod(2): the owner's, the mask's (or the group's) and the others' permissions are the mode's.</summary>
    public static byte[] WithMode(ReadOnlySpan<byte> acl, uint mode)
    {
        var changed = acl.ToArray();
        var hasMask = false;
        for (var at = HeaderLength; at < changed.Length; at += EntryLength)
            hasMask |= Tag(changed, at) == Mask;
        for (var at = HeaderLength; at < changed.Length; at += EntryLength)
        {
            switch (Tag(changed, at))
            {
                case UserOwner:
                    Set(changed, at, mode >> 6);
                    break;
                case GroupOwner when !hasMask:
                    Set(changed, at, mode >> 3);
                    break;
                case Mask:
                    Set(changed, at, mode >> 3);
                    break;
                case Other:
                    Set(changed, at, mode);
                    break;
            }
        }

        return changed;
    }

    /// <summary>What is made in a directory with a default list gets: the list cut down to the mode asked for, and the mode that results.</summary>
    /// <param name="parentDefault">The default list.</param>
    /// <param name="mode">The permissions asked for, without the umask.</param>
    /// <returns>The list, null where the mode says all, and the mode.</returns>
    public static (byte[]? Acl, uint Mode) Inherit(ReadOnlySpan<byte> parentDefault, uint mode)
    {
        var acl = parentDefault.ToArray();
        var hasMask = false;
        for (var at = HeaderLength; at < acl.Length; at += EntryLength)
            hasMask |= Tag(acl, at) == Mask;
        for (var at = HeaderLength; at < acl.Length; at += EntryLength)
        {
            var allowed = Tag(acl, at) switch
            {
                UserOwner => mode >> 6,
                Other => mode,
                Mask => mode >> 3,
                GroupOwner when !hasMask => mode >> 3,
                _ => 7u,
            };
            Set(acl, at, Permissions(acl, at) & allowed);
        }

        var (bits, isMinimal) = ModeOf(acl);
        return (isMinimal ? null : acl, (mode & ~0x1ffu) | bits);
    }

    static ushort Tag(ReadOnlySpan<byte> acl, int at) => BinaryPrimitives.ReadUInt16LittleEndian(acl[at..]);

    static ushort Permissions(ReadOnlySpan<byte> acl, int at) => BinaryPrimitives.ReadUInt16LittleEndian(acl[(at + 2)..]);

    static void Set(Span<byte> acl, int at, uint permissions) => BinaryPrimitives.WriteUInt16LittleEndian(acl[(at + 2)..], (ushort)(permissions & 7));
}
