using System.Runtime.CompilerServices;

// Buffers are filled by the kernel or by code that says how far; zeroing the stack first would only cost.
[module: SkipLocalsInit]
