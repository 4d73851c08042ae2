using static Vt.PosixProbe.Numbers;

namespace Vt.PosixProbe;

/// <summary>flock(2), and record locks and those of open file descriptions (fcntl(2)).</summary>
static class LockProbes
{
    public static IEnumerable<(string Name, Action<Sandbox> Probe)> All =>
    [
        ("flock", s =>
        {
            s.File("file");
            var first = s.Open("file", O_RDWR);
            var second = s.Open("file", O_RDONLY);
            s.Flock(first, LOCK_SH | LOCK_NB);
            s.Flock(second, LOCK_SH | LOCK_NB);
            s.Flock(first, LOCK_EX | LOCK_NB);
            s.Flock(second, LOCK_UN);
            s.Flock(first, LOCK_EX | LOCK_NB);
            s.Flock(second, LOCK_SH | LOCK_NB);
            s.Flock(second, LOCK_EX | LOCK_NB);
            s.AsOtherProcess(() =>
            {
                var other = s.Open("file");
                s.Flock(other, LOCK_EX | LOCK_NB);
                s.Flock(first, LOCK_EX | LOCK_NB);
                s.Close(other);
            });
            s.Close(first);
            s.Flock(second, LOCK_EX | LOCK_NB);
            s.Flock(second, 0);
            s.Flock(second, LOCK_SH | LOCK_EX);
            s.Flock(-1, LOCK_SH);
            s.Close(second);
            var folder = s.Open(".");
            s.Flock(folder, LOCK_EX | LOCK_NB);
            s.Close(folder);
        }),
        ("fcntl: record locks", s =>
        {
            s.File("file", "0123456789");
            var file = s.Open("file", O_RDWR);
            s.Lock(file, F_SETLK, F_WRLCK, 10, 20);
            s.Lock(file, F_SETLK, F_RDLCK, 15, 5);
            s.Lock(file, F_GETLK, F_WRLCK, 0, 0);
            s.AsOtherProcess(() =>
            {
                var other = s.Open("file", O_RDWR);
                foreach (var (start, length) in new (long, long)[] { (0, 10), (0, 11), (15, 5), (20, 100), (30, 0), (0, 0) })
                {
                    s.Lock(other, F_GETLK, F_WRLCK, start, length);
                    s.Lock(other, F_GETLK, F_RDLCK, start, length);
                    s.Lock(other, F_SETLK, F_WRLCK, start, length);
                    s.Lock(other, F_SETLK, F_RDLCK, start, length);
                    s.Lock(other, F_SETLK, F_UNLCK, start, length);
                }

                s.Close(other);
            });
            s.Lock(file, F_SETLK, F_UNLCK, 0, 0);
            s.AsOtherProcess(() => s.Lock(file, F_SETLK, F_WRLCK, 0, 0));
            s.Lock(file, F_SETLK, F_WRLCK, 0, 10, whence: SEEK_END);
            s.Lock(file, F_SETLK, F_WRLCK, 10, -5);
            s.Lock(file, F_SETLK, F_WRLCK, -1, 5);
            s.Lock(file, F_SETLK, F_WRLCK, 3, -5);
            s.Lock(file, F_SETLK, 9, 0, 5);
            s.Lock(-1, F_SETLK, F_WRLCK, 0, 5);
            s.Lock(file, F_SETLK, F_WRLCK, long.MaxValue, 5);
            s.Close(file);
            var reader = s.Open("file");
            s.Lock(reader, F_SETLK, F_WRLCK, 0, 5);
            s.Lock(reader, F_SETLK, F_RDLCK, 0, 5);
            s.Close(reader);
            var writer = s.Open("file", O_WRONLY);
            s.Lock(writer, F_SETLK, F_RDLCK, 0, 5);
            s.Lock(writer, F_SETLK, F_WRLCK, 0, 5);
            var another = s.Open("file", O_RDWR);
            s.Close(another);
            s.AsOtherProcess(() => s.Lock(writer, F_GETLK, F_WRLCK, 0, 0));
            s.Close(writer);
        }),
        ("fcntl: locks of open file descriptions", s =>
        {
            s.File("file", "0123456789");
            var first = s.Open("file", O_RDWR);
            var second = s.Open("file", O_RDWR);
            s.Lock(first, F_OFD_SETLK, F_WRLCK, 0, 5);
            s.Lock(second, F_OFD_SETLK, F_WRLCK, 0, 5);
            s.Lock(second, F_OFD_SETLK, F_RDLCK, 4, 5);
            s.Lock(second, F_OFD_SETLK, F_WRLCK, 5, 5);
            s.Lock(second, F_OFD_GETLK, F_WRLCK, 0, 0);
            s.Lock(first, F_OFD_GETLK, F_WRLCK, 0, 0);
            s.Lock(second, F_SETLK, F_WRLCK, 0, 1);
            s.AsOtherProcess(() => s.Lock(first, F_OFD_SETLK, F_WRLCK, 0, 5));
            s.Close(first);
            s.Lock(second, F_OFD_SETLK, F_WRLCK, 0, 5);
            s.Lock(second, F_OFD_SETLK, F_UNLCK, 0, 0);
            s.Close(second);
        }),
    ];
}
