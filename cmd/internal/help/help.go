// Package help is how every command of this repository answers --help.
package help

import (
	"errors"
	"flag"
	"io"
)

// Parse reads the arguments of a command into its flags. For --help it writes the usage, the flags and the exit codes to out, and returns flag.ErrHelp;
// what else is wrong comes back as an error and is not printed.
func Parse(flags *flag.FlagSet, args []string, out io.Writer, usage, exitCodes string) error {
	flags.SetOutput(io.Discard)
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		Print(flags, out, usage, exitCodes)
	}
	return err
}

// Print writes the help of a command.
func Print(flags *flag.FlagSet, out io.Writer, usage, exitCodes string) {
	_, _ = io.WriteString(out, usage)
	flags.SetOutput(out)
	flags.PrintDefaults()
	_, _ = io.WriteString(out, exitCodes)
}
