namespace Vt.Stores.Streams.Protocol;

/// <summary>What a frame asks for, or answers. The numbers are the wire's and never change their meaning.</summary>
public enum StreamVerb : byte
{
    /// <summary>No verb; never sent.</summary>
    None = 0,

    /// <summary>The client's first frame: see <see cref="Hello"/>.</summary>
    Hello = 1,

    /// <summary>The server wants proof that the client knows the shared secret.</summary>
    Challenge = 2,

    /// <summary>That proof.</summary>
    Proof = 3,

    /// <summary>The server's answer to who may come in: see <see cref="Welcome"/>.</summary>
    Welcome = 4,

    /// <summary>Is anybody there? Answered at once.</summary>
    Ping = 5,

    /// <summary>The request of this id is no longer wanted. Not answered itself; the request is, one way or the other.</summary>
    Cancel = 6,

    /// <summary>So many more frames of the answer to this id may be sent.</summary>
    Credit = 7,

    /// <summary>The server begins nothing more on this connection; what was begun is answered.</summary>
    Goodbye = 8,

    /// <summary>The names of what the server has to offer to this client.</summary>
    Exports = 9,

    /// <summary>Which of these blocks are there?</summary>
    Contains = 16,

    /// <summary>These blocks, please.</summary>
    Get = 17,

    /// <summary>Keep these blocks.</summary>
    Add = 18,

    /// <summary>Make durable what was added.</summary>
    Flush = 19,

    /// <summary>The blocks' names in order.</summary>
    List = 20,

    /// <summary>Note a block that can't be read.</summary>
    NoteDamage = 22,

    /// <summary>What are the blocks' names, in a few bytes?</summary>
    Sketch = 23,

    /// <summary>The names of blocks whose numbers in a sketch are these.</summary>
    FindNames = 24,

    /// <summary>A reference's value.</summary>
    ReferenceRead = 32,

    /// <summary>The references' names.</summary>
    ReferenceList = 33,

    /// <summary>Move a reference.</summary>
    ReferenceMove = 34,

    /// <summary>A reference's movements.</summary>
    ReferenceLog = 35,
}
