.PHONY: all
all:
	dotnet build Vt.sln
