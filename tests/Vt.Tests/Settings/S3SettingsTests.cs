using Vt.Blocks.Contracts;
using Vt.Stores.Config;

namespace Vt.Tests.Settings;

public sealed class S3SettingsTests
{
    static readonly Configuration Configuration = Vt.Stores.Config.Configuration.Load(new ConfigInputs
    {
        Environment = name => name switch { "HOME" => "/home/none", "XDG_DATA_HOME" => "/data", _ => null },
        CurrentDirectory = "/here",
    });

    static S3Settings Resolve(string spec) => Assert.IsType<S3Settings>(Configuration.Resolve(spec, ConfigOrigin.OfOption("-S")));

    [Theory]
    [InlineData("s3://bucket", "bucket", "")]
    [InlineData("s3://bucket/", "bucket", "")]
    [InlineData("s3://bucket/a", "bucket", "a/")]
    [InlineData("s3://my.bucket-1/a/b/", "my.bucket-1", "a/b/")]
    [InlineData("s3(bucket=x)", "x", "")]
    [InlineData("s3(bucket=x,prefix=/a/b)", "x", "a/b/")]
    [InlineData("s3(url=s3://x/y)", "x", "y/")]
    public void A_spec_names_a_bucket_and_a_prefix(string spec, string bucket, string prefix)
    {
        var settings = Resolve(spec);
        Assert.Equal((bucket, prefix, "/data/vt/cache/s3"), (settings.Bucket, settings.Prefix, settings.Cache));
        Assert.Equal(settings, Resolve(settings.Url));
    }

    [Fact]
    public void Everything_can_be_set()
    {
        var settings = Resolve(
            "s3(bucket=b,endpoint=http://h:1/,region=eu,path_style=no,profile=p,storage_class=STANDARD_IA,layout=objects,references=single-writer,pack_size=32MiB,cache=/c,cache_size=5k,parallel=3,timeout=9,hashname=sha256,block_size=64KiB,level=7)");
        Assert.Equal(("http://h:1", "eu", false, "p"), (settings.Endpoint, settings.Region, settings.PathStyle, settings.Profile));
        Assert.Equal(("STANDARD_IA", true, true, 32 << 20), (settings.StorageClass, settings.IsObjectPerBlock, settings.IsSingleWriter, settings.PackSize));
        Assert.Equal(("/c", 5000, 3, 9), (settings.Cache, settings.CacheSize, settings.Parallel, settings.Timeout.TotalSeconds));
        Assert.Equal((64 << 10, 7), (settings.BlockSize, settings.Level));
    }

    [Theory]
    [InlineData("s3:bucket", "is no address of a bucket")]
    [InlineData("s3://", "the bucket's name is missing")]
    [InlineData("s3://a b", "no name of a bucket")]
    [InlineData("s3://b/a//c", "no prefix")]
    [InlineData("s3://b/a?x", "no prefix")]
    [InlineData("s3()", "needs either url")]
    [InlineData("s3(url=s3://b,bucket=b)", "needs either url")]
    [InlineData("s3(url=s3://b,prefix=x)", "goes with 'bucket'")]
    [InlineData("s3(bucket=b,endpoint=host)", "is no address of a server")]
    [InlineData("s3(bucket=b,endpoint=https://key:secret@host)", "is no address of a server")]
    [InlineData("s3(bucket=b,pack_size=1MiB)", "must be from 8 MiB to 256 MiB")]
    [InlineData("s3(bucket=b,layout=files)", "'files' is no layout")]
    [InlineData("s3(bucket=b,size=3)", "'size' is no setting of a s3 store")]
    public void What_can_be_no_store_is_refused(string spec, string message)
    {
        var fault = Assert.Throws<UserErrorException>(() => Resolve(spec)).Message;
        Assert.StartsWith("option -S: ", fault, StringComparison.Ordinal);
        Assert.Contains(message, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault, StringComparison.Ordinal);
    }
}
