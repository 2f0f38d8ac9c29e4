package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

// usageFile is where the expected usage of a stack stands, unless a flag says otherwise.
func usageFile(stack string) string { return "cost/usage." + stack + ".yaml" }

// readFile reads a file with what its package offers. One that cannot be opened is a mistake of the
// caller.
func readFile[T any](path string, from func(io.Reader) (T, error)) (T, error) {
	var none T
	file, err := os.Open(path)
	if err != nil {
		return none, command.Exit(command.Usage, fmt.Errorf("read a file: %w", err))
	}
	defer func() { _ = file.Close() }()
	value, err := from(file)
	if err != nil {
		return none, fmt.Errorf("%s: %w", path, err)
	}
	return value, nil
}

// needs names flags without which a command is called wrongly.
func needs(c *cobra.Command, flags ...string) {
	for _, name := range flags {
		if err := c.MarkFlagRequired(name); err != nil {
			panic(err) // the command has no such flag
		}
	}
}

// plans is for a command that takes files with plans.
func plans(least, most int) cobra.PositionalArgs {
	want := fmt.Sprint(least)
	if most > least {
		want = fmt.Sprintf("%d to %d", least, most)
	}
	return func(_ *cobra.Command, files []string) error {
		if len(files) < least || len(files) > most {
			return command.Wrong("read the arguments: found %d plans, want %s", len(files), want)
		}
		return nil
	}
}
