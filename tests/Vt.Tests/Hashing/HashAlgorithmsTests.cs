using Vt.Blocks.Chunking;
using Vt.Blocks.Hashing;

namespace Vt.Tests.Hashing;

public sealed class HashAlgorithmsTests
{
    [Theory]
    [InlineData(HashAlgorithmId.Blake3, "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85")]
    [InlineData(HashAlgorithmId.Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData(HashAlgorithmId.Sha3, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532")]
    public void Every_algorithm_names_abc_as_its_standard_says(HashAlgorithmId algorithm, string expected)
    {
        var hasher = HashAlgorithms.GetHasher(algorithm);
        var hash = hasher.Hash("abc"u8);
        Assert.Equal(algorithm, hasher.Algorithm);
        Assert.Equal($"{expected}.{HashAlgorithms.NameOf(algorithm)}", hash.ToString());
        using var stream = hasher.StartStreaming();
        stream.Append("a"u8);
        Assert.NotEqual(hash, stream.Current());
        stream.Append("bc"u8);
        Assert.Equal(hash, stream.Current());
        var hashes = new BlockHash[2];
        hasher.HashMany("xabcabc"u8, [new Chunk(1, 3), new Chunk(4, 3)], hashes);
        Assert.Equal([hash, hash], hashes);
    }

    [Fact]
    public void Every_listed_algorithm_has_a_hasher_and_none_has_not()
    {
        foreach (var algorithm in HashAlgorithms.All)
            Assert.Equal(HashAlgorithms.DigestLength(algorithm), HashAlgorithms.GetHasher(algorithm).Hash([]).Digest.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => HashAlgorithms.GetHasher(HashAlgorithmId.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => HashAlgorithms.GetHasher((HashAlgorithmId)77));
    }
}
