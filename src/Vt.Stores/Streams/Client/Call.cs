using Vt.Blocks.Contracts;
using Vt.Stores.Streams.Protocol;

namespace Vt.Stores.Streams.Client;

/// <summary>One request and what comes of it. It keeps its frame, so that it can be sent again over another line, until it is answered.</summary>
/// <param name="request">The frame; released when the call ends.</param>
abstract class Call(Frame request)
{
    // A request that ends every connection that it is sent over must not be sent for ever.
    const int MostSendings = 4;

    int _sendings;

    /// <summary>The request.</summary>
    public Frame Request => request;

    /// <summary>Which request it is; its own for as long as the store is open.</summary>
    public uint Id { get; } = request.Id;

    /// <summary>Counts a sending.</summary>
    /// <returns>Whether it may be sent once more.</returns>
    public bool TrySendAgain() => ++_sendings <= MostSendings;

    /// <summary>Takes a frame of the answer, whose release passes to the call.</summary>
    /// <returns>Whether it was the last.</returns>
    public abstract bool Take(Frame frame);

    /// <summary>The line was lost before the answer was whole.</summary>
    /// <returns>Whether the call is to be sent over another one.</returns>
    public abstract bool TryBeginAnew();

    /// <summary>It will not be answered.</summary>
    public abstract void Fail(Exception cause);

    /// <summary>What an answer says that is a failure.</summary>
    /// <param name="frame">The frame; released.</param>
    protected static StreamFault FaultOf(Frame frame)
    {
        using (frame)
        {
            try
            {
                return StreamFault.Read(frame.Meta);
            }
            catch (FormatInvalidException garbage)
            {
                return new StreamFault(StreamFaultKind.Other, garbage.Message);
            }
        }
    }
}
