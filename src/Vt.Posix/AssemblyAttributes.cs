using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

// Every signature here is blittable, so a call compiles to a plain call and errno is still the call's own when it returns.
[assembly: DisableRuntimeMarshalling]

// System libraries only: nothing is ever loaded from the program's own folder or the current one.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
[module: SkipLocalsInit]
