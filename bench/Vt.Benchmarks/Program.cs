Console.Error.WriteLine("usage: Vt.Benchmarks GROUP");
return 2;
