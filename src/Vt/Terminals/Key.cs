namespace Vt.Terminals;

/// <summary>A key that was pressed.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Unit">Of <see cref="KeyKind.Text"/> what it types; see <see cref="LineUnits"/>.</param>
readonly record struct Key(KeyKind Kind, int Unit = 0);
