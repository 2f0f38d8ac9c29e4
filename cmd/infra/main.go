// Command infra is what people and workflows do with a stack beside pulumi: it judges plans, draws
// and prices them, follows requests through them, prepares accounts, and puts releases on stacks.
// It imports no provider's SDK, so that it builds in seconds.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/adopt"
	"github.com/bookmark-manager/infrastructure/internal/bootstrap"
	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/orphans"
	"github.com/bookmark-manager/infrastructure/internal/promote"
	"github.com/bookmark-manager/infrastructure/internal/publish"
	"github.com/bookmark-manager/infrastructure/internal/recovery"
	"github.com/bookmark-manager/infrastructure/internal/strays"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second Ctrl-C ends this command at once. What it has started goes on to its end.
	context.AfterFunc(ctx, stop)
	code := command.Run(ctx, root(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// root has every subcommand. One that reads files alone is a file here; one that works on an
// account or a repository is a package in internal.
func root() *cobra.Command {
	infra := &cobra.Command{
		Use:   "infra",
		Short: "Judge plans, price and draw them, prepare accounts, and put releases on stacks",
		Long: "infra does what people and workflows do with a stack beside pulumi. " +
			"Run it in the root of the repository: go run ./cmd/infra.",
	}
	infra.AddCommand(
		adopt.Command(), alarmCommand(), alarmsCommand(), bootstrap.Command(), complianceCommand(), costCommand(),
		doctorCommand(), graphCommand(), guardCommand(), orphans.Command(), promote.Command(), publish.Command(),
		recovery.Command(), reportCommand(), requestCommand(), strays.Command(),
	)
	return infra
}
