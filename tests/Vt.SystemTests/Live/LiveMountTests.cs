using System.Diagnostics;
using System.Globalization;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Live;

/// <summary>A live mount under load, stopped, on a full disk, and with its store gone.</summary>
public sealed class LiveMountTests
{
    // Each of four writers puts a number into one file, then into another, then renames a third over a fourth: at any instant the numbers are equal
    // or one apart, in this order.
    [MountFact]
    public void Every_state_of_the_archive_is_a_moment_of_each_writers_sequence()
    {
        using var mount = new LiveMount("commit=0.1");
        mount.Run("""
            writer() {
                mkdir $1; cd $1; echo 0 >a; echo 0 >b; echo 0 >c
                for ((i = 1; i <= 400; i++)); do echo $i 1<>a; echo $i 1<>b; echo $i >c.new; mv c.new c; done
            }
            for w in 1 2 3 4; do (writer w$w) & done; wait
            """);
        mount.Unmount();
        var states = mount.Vt.Succeed("mount", "-r", "-a", "-e", """
            cat > "$HOME/check" <<'END'
            shopt -s nullglob
            states=0
            for state in *; do
                for w in "$state"/w*; do
                    [[ -s $w/c ]] || continue
                    a=$(<"$w/a") b=$(<"$w/b") c=$(<"$w/c")
                    ((a == b || a == b + 1)) && ((b == c || b == c + 1)) && ((a - c < 2)) || { echo "$state $w: $a $b $c"; exit 1; }
                done
                states=$((states + 1))
            done
            echo $states
            END
            cd "$VT_MNT" && bash "$HOME/check"
            """, mount.Archive, mount.Point);
        Assert.InRange(int.Parse(states, CultureInfo.InvariantCulture), 3, 1000);
    }

    [MountTheory]
    [InlineData(2)]
    [InlineData(16)]
    public void Threads_that_hammer_one_mount_find_what_they_wrote(int threads)
    {
        using var mount = new LiveMount("commit=0.3");
        mount.Run($$"""
            work() {
                for ((i = 0; i < 25; i++)); do
                    head -c $((RANDOM * 7)) /dev/urandom >$1.$i.a
                    cp $1.$i.a $1.$i.b
                    mv $1.$i.b shared/$1.$i
                    cmp $1.$i.a shared/$1.$i || exit 1
                    ((i % 3)) || rm $1.$i.a shared/$1.$i
                done
            }
            mkdir shared
            for ((t = 0; t < {{threads}}; t++)); do work $t & workers+=($!); done
            for worker in "${workers[@]}"; do wait $worker || exit 1; done
            """);
        var sums = mount.Run("find . -type f | sort | xargs md5sum | md5sum");
        mount.Remount();
        Assert.Equal(sums, mount.Run("find . -type f | sort | xargs md5sum | md5sum"));
    }

    // The caller is a process of its own whose current folder is elsewhere, as it can't be killed while it waits.
    [MountFact]
    public void A_stopped_server_holds_its_callers_until_it_goes_on()
    {
        using var mount = new LiveMount();
        File.WriteAllText(mount["f"], "before\n");
        mount.Signal("STOP");
        using var caller = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"echo after >> '{mount["f"]}' && sync '{mount["f"]}'"]) { WorkingDirectory = "/" })!;
        try
        {
            Assert.False(caller.WaitForExit(TimeSpan.FromSeconds(1)));
        }
        finally
        {
            mount.Signal("CONT");
        }

        Assert.True(caller.WaitForExit(TimeSpan.FromMinutes(1)));
        Assert.Equal(0, caller.ExitCode);
        mount.KillAndMount();
        Assert.Equal("before\nafter\n", File.ReadAllText(mount["f"]));
    }

    [RootFact]
    public void A_full_disk_refuses_writers_early_and_loses_nothing()
    {
        using var folder = new TempFolder();
        var disk = folder.Make("disk");
        Shell.Succeed($"mount -t tmpfs -o size=200m none '{disk}'");
        try
        {
            using var mount = new LiveMount("commit=0.3", disk);

            // What can be done without gives way before anybody is refused.
            mount.Run($"head -c 20000000 /dev/urandom >large && md5sum large >>'{folder["sums"]}'");
            mount.Vt.Succeed("flat", "-q", mount["large"]);
            mount.Run($$"""
                mkdir kept
                for ((i = 0; i < 200; i++)); do
                    head -c 2000000 /dev/urandom >kept/$i.new 2>/dev/null || { rm -f kept/$i.new; break; }
                    sync kept/$i.new 2>/dev/null || { rm -f kept/$i.new; break; }
                    mv kept/$i.new kept/$i
                    md5sum kept/$i >>'{{folder["sums"]}}'
                done
                ((i > 10 && i < 200)) || { echo "refused at $i"; exit 1; }
                """);

            Assert.Empty(Directory.GetFiles($"{mount.Archive}.live/flat"));

            // What had been there before goes on being there, now and after a kill; changes that need little are still taken.
            mount.Run($"md5sum -c --quiet '{folder["sums"]}' && mv kept/0 kept/moved && sed -i 's,kept/0$,kept/moved,' '{folder["sums"]}'");
            Shell.Succeed($"mount -o remount,size=400m '{disk}'");
            mount.Run($"head -c 5000000 /dev/urandom >more && sync more && md5sum more >>'{folder["sums"]}'");
            mount.KillAndMount();
            mount.Run($"md5sum -c --quiet '{folder["sums"]}'");
            mount.Unmount();
            mount.Vt.Succeed("fsck", "-q", mount.Archive);
            mount.Vt.Succeed("datadir", "verify", "-q");
        }
        finally
        {
            _ = Shell.Run($"umount -l '{disk}'");
        }
    }

    [MountFact]
    public void What_is_written_while_the_store_is_gone_stays_readable_and_is_stored_later()
    {
        using var mount = new LiveMount("commit=0.2");
        var store = mount.Vt.Store;
        var sums = mount.Folder["sums"];
        mount.Run($$"""
            head -c 300000 /dev/urandom >first; sync first
            mv '{{store}}' '{{store}}.away'
            head -c 3000000 /dev/urandom >second
            sleep 1
            md5sum second >'{{sums}}'
            sync second
            md5sum -c --quiet '{{sums}}' || exit 1
            mv '{{store}}.away' '{{store}}'
            sleep 1
            md5sum -c --quiet '{{sums}}'
            """);
        mount.Remount();
        mount.Run($"md5sum -c --quiet '{sums}'");
        mount.Unmount();
        mount.Vt.Succeed("fsck", "-q", mount.Archive);
    }
}
