using System.Buffers.Binary;
using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;
using Vt.Posix.Rings;

namespace Vt.Tests.Fuse.Session;

/// <summary>The kernel's part of an io_uring entry is played by writing to and reading from its memory, number by number.</summary>
public sealed unsafe class RingSlotTests : IDisposable
{
    const int MaxWrite = 1 << 20;

    readonly AnonymousMemory _memory = new(RingSlot.HeadersRoom + 4096 + RingSlot.PayloadRoom(MaxWrite));
    readonly byte* _headers;
    readonly byte* _payload;
    readonly ScriptedFileSystem _fileSystem = new();
    readonly MemoryTransport _kernel;
    readonly RingSlot _slot;
    int _recycled;

    public RingSlotTests()
    {
        _headers = _memory.Start;
        _payload = _memory.Start + 4096;
        _kernel = MemoryTransport.Started(_fileSystem);
        _slot = new RingSlot(_headers, _payload, MaxWrite, _ => _recycled++);
        _kernel.Dispatcher.Register(_slot);
    }

    public void Dispose()
    {
        _slot.Dispose();
        _kernel.Dispose();
        _memory.Dispose();
    }

    [Theory]
    [MemberData(nameof(FuseDispatcherTests.Operations), MemberType = typeof(FuseDispatcherTests))]
    public void Every_operation_is_answered_as_by_the_device(string name, byte[] request, string seen, int size, int at, ulong number)
    {
        Assert.NotEmpty(name);
        var byDevice = _kernel.Exchange(request)!;
        Assert.Equal(16 + size, byDevice.Length);

        Leave(request);
        Assert.True(_slot.Load());
        Assert.False(_kernel.Dispatcher.Dispatch(_slot));

        Assert.Equal(byDevice[..16], new ReadOnlySpan<byte>(_headers, 16).ToArray());
        Assert.Equal(byDevice[16..], Payload());
        Assert.Equal(seen.Length > 0 ? 2 : 0, _fileSystem.Calls.Count(call => call == seen));
        Assert.True(at < 0 || size < at + 8 || BinaryPrimitives.ReadUInt64LittleEndian(Payload().AsSpan(at)) == number);
    }

    [Fact]
    public void The_longest_write_leaves_room_for_its_reply()
    {
        var data = new byte[MaxWrite];
        data.AsSpan().Fill(7);
        var request = new RequestBytes().U64(66).U64(512).U32(MaxWrite).U32(0).U64(0).U32(0).U32(0).Data(data).As(FuseOpcode.Write);
        Leave(request);
        Assert.True(_slot.Load());
        Assert.True(_slot.PayloadMemory.Span.SequenceEqual(data));
        Assert.False(_kernel.Dispatcher.Dispatch(_slot));
        Assert.Equal(8, Payload().Length);
        Assert.True(_slot.Reply + sizeof(WriteOut) <= _payload + RingSlot.PayloadRoom(MaxWrite));
    }

    [Fact]
    public void A_read_is_answered_in_place_at_a_pages_start()
    {
        Leave(new RequestBytes().U64(66).U64(0).U32(MaxWrite).U32(0).U64(0).U32(0).U32(0).As(FuseOpcode.Read));
        Assert.True(_slot.Load());
        Assert.True(_slot.Reply == _payload);
        Assert.Equal(MaxWrite, _slot.ReplyCapacity);
        Assert.Equal(MaxWrite, _slot.ReplyMemory.Length);
    }

    [Theory]
    [InlineData(uint.MaxValue, 0)]
    [InlineData(1u << 31, 0)]
    [InlineData((1u << 20) + 1, 0)]
    [InlineData(7u, 1)]
    [InlineData(0u, ushort.MaxValue)]
    public void A_request_whose_lengths_contradict_each_other_is_refused(uint length, ushort extensionUnits)
    {
        Leave(new RequestBytes().Name("x").As(FuseOpcode.Lookup));
        *(uint*)(_headers + 272) = length;
        *(ushort*)(_headers + 36) = extensionUnits;
        Assert.False(_slot.Load());
        Assert.Equal(0, _slot.PayloadLength);
        _slot.Send(Errno.EIO, 0);
        Assert.Equal(-(int)Errno.EIO, *(int*)(_headers + 4));
        Assert.Empty(Payload());
    }

    [Fact]
    public void Whatever_lies_in_the_headers_is_answered_once_and_inside_the_memory()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        try
        {
            for (var round = 0; round < 20_000; round++)
            {
                random.NextBytes(new Span<byte>(_headers, RingSlot.HeadersSize));
                *(uint*)(_headers + 4) = (uint)random.Next(0, 60);
                *(uint*)(_headers + 272) = (uint)random.Next(0, 300);
                *(ushort*)(_headers + 36) = (ushort)(random.Next(4) == 0 ? random.Next(0, 40) : 0);
                random.NextBytes(new Span<byte>(_payload, 300));
                var unique = *(ulong*)(_headers + 8);
                if (!_slot.Load())
                    continue;
                if (!_kernel.Dispatcher.Dispatch(_slot) && !FuseProtocol.IsUnanswered(_slot.Header->Opcode) && _slot.Header->Opcode != FuseOpcode.Interrupt)
                {
                    Assert.Equal(unique, *(ulong*)(_headers + 8));
                    Assert.InRange(*(int*)(_headers + 4), -511, 0);
                    Assert.InRange(*(uint*)(_headers + 272), 0u, (uint)MaxWrite);
                }
            }
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"seed {seed}", exception);
        }
    }

    [Fact]
    public void An_interrupt_that_overtakes_its_victim_finds_it()
    {
        const ulong victim = 77;
        Leave(new RequestBytes().Name("x").As(FuseOpcode.Lookup, victim));
        Assert.Null(_kernel.Exchange(new RequestBytes().U64(victim).As(FuseOpcode.Interrupt, victim + 1)));
        Assert.True(_slot.Load());
        _slot.Begin();
        Assert.True(_slot.IsInterrupted);
        Assert.True(_slot.InterruptToken.IsCancellationRequested);
        _slot.Send(Errno.EINTR, 0);
        _slot.End();

        Leave(new RequestBytes().Name("x").As(FuseOpcode.Lookup, victim + 2));
        Assert.True(_slot.Load());
        _slot.Begin();
        Assert.False(_slot.IsInterrupted);
        Assert.False(_slot.InterruptToken.IsCancellationRequested);
    }

    [Fact]
    public void A_slot_goes_back_only_when_its_deferral_is_done_with_it()
    {
        FuseDeferral? deferral = null;
        using var kernel = MemoryTransport.Started(new DeferringFileSystem(made => deferral = made));
        Leave(new RequestBytes().U64(66).U64(0).U32(100).U32(0).U64(0).U32(0).U32(0).As(FuseOpcode.Read));
        Assert.True(_slot.Load());
        Assert.True(kernel.Dispatcher.Dispatch(_slot));
        Assert.Equal(0, _recycled);
        deferral!.CompleteBytes(100);
        Assert.Equal(1, _recycled);
        Assert.Equal(100, Payload().Length);
        Assert.Equal(0ul, _slot.Current);
    }

    // As the kernel leaves a request: the header and the arguments apart, the rest as payload.
    void Leave(byte[] request)
    {
        var opcode = (FuseOpcode)BinaryPrimitives.ReadUInt32LittleEndian(request.AsSpan(4));
        var arguments = Math.Max(0, FuseProtocol.ArgumentSize(opcode, extendedSetxattr: true));
        new Span<byte>(_headers, RingSlot.HeadersSize).Clear();
        request.AsSpan(0, 40).CopyTo(new Span<byte>(_headers, 40));
        request.AsSpan(40, arguments).CopyTo(new Span<byte>(_headers + 128, 128));
        var payload = request.AsSpan(40 + arguments);
        payload.CopyTo(new Span<byte>(_payload, payload.Length));
        *(ulong*)(_headers + 264) = BinaryPrimitives.ReadUInt64LittleEndian(request.AsSpan(8));
        *(uint*)(_headers + 272) = (uint)payload.Length;
    }

    byte[] Payload() => new ReadOnlySpan<byte>(_payload, (int)*(uint*)(_headers + 272)).ToArray();
}
