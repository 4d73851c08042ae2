namespace Vt.SystemTests.Docker;

/// <summary>This machine's PostgreSQL in a container, on a volume: what was committed comes back.</summary>
[Collection(DockerCollection.Name)]
public sealed class PostgresTests(DockerEngine engine)
{
    [DockerFact]
    [Trait("A7", "line 19")]
    [Trait("A8", "line 23")]
    public void A_table_that_was_dropped_is_back_after_a_reset_and_a_branch_has_rows_of_its_own()
    {
        using var site = new DockerSite(engine);
        var user = site.Docker("id -u postgres");
        var bin = site.Docker("dirname $(ls /usr/lib/postgresql/*/bin/postgres | tail -n 1)");
        site.Docker($"docker run --rm -v db:/data --volume-driver=NAME busybox sh -c 'mkdir -m 700 /data/pg; chown {user} /data/pg'");
        const string Options = "-v /usr:/usr:ro -v db:/data --volume-driver=NAME --shm-size 256m";
        site.Docker($"docker run --rm -u {user} {Options} machine {bin}/initdb -D /data/pg --no-sync --locale=C -E UTF8 >/dev/null");
        site.Docker($"docker run -d --name db -u {user} {Options} machine {bin}/postgres -D /data/pg -k /tmp -h '' -c fsync=on");
        string Query(string sql)
        {
            var ready = $"docker exec db sh -c 'until {bin}/pg_isready -q -h /tmp; do sleep 0.2; done'";
            return site.Docker($"{ready}; docker exec db {bin}/psql -h /tmp -U postgres -qAtc \"{sql}\" postgres");
        }

        Query("create table t as select generate_series(1, 1000) as n");
        var good = site.Dvol("commit", "-m", "a thousand rows").Trim();
        Query("insert into t select generate_series(1001, 1500)");
        Query("drop table t");
        Assert.NotEqual(0, site.TryDocker($"docker exec db {bin}/psql -h /tmp -U postgres -qAtc 'select count(*) from t' postgres").ExitCode);
        site.Dvol("reset", "--hard", good);
        Assert.Equal("1000", Query("select count(*) from t"));
        site.Dvol("checkout", "-b", "migration");
        Query("delete from t where n > 10");
        site.Dvol("commit", "--stop", "-m", "ten rows");
        Assert.Equal("10", Query("select count(*) from t"));
        site.Dvol("checkout", "master");
        Assert.Equal("1000", Query("select count(*) from t"));
        site.Dvol("checkout", "migration");
        Assert.Equal("10", Query("select count(*) from t"));
    }
}
