using Vt.Blocks.Contracts;

namespace Vt.Stores.S3.Refs;

/// <summary>One movement as it is stored.</summary>
/// <param name="Movement">It.</param>
/// <param name="Token">Unique: by it a mover knows its own movement again, whatever became of the answer.</param>
readonly record struct MovedRef(RefMovement Movement, string Token);
