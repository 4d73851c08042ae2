namespace Vt.Posix;

/// <summary>Something that happened in a watched folder (inotify(7)).</summary>
/// <param name="Watch">The folder's watch; <see cref="Inotify.NoWatch"/> of what is about the queue.</param>
/// <param name="Events">What happened.</param>
/// <param name="Name">To which name in the folder; empty where it happened to the folder itself.</param>
public readonly record struct InotifyEvent(int Watch, InotifyEvents Events, byte[] Name);
