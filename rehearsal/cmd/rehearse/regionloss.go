package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/bootstrap"
	infracommand "github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/promote"
	"github.com/bookmark-manager/infrastructure/internal/recovery"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/regionloss"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
	"github.com/bookmark-manager/infrastructure/rehearsal/model"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/atlas"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// loseRegion loses the region of a stack, and walks the runbook there and back.
func loseRegion(ctx context.Context, f flags, out *console.Console) error {
	o := f.Options
	scenarios := regionloss.Scenarios
	if f.only != "" {
		scenarios = slices.DeleteFunc(slices.Clone(scenarios), func(s regionloss.Scenario) bool {
			return s.Name != f.only
		})
	}
	if len(scenarios) == 0 {
		return &run.UsageError{
			Err: fmt.Errorf("read the flag --only: found %q, want copies, global or standby", f.only),
		}
	}
	return harness.OnDeployed(ctx, o, out, withCopies, func(fixture *harness.Fixture) error {
		result, err := regionloss.Rehearse(ctx, fixture, o.Project, scenarios)
		if err != nil {
			return err
		}
		out.Heading("The loss of the region of %s, rehearsed in %s", o.Stack, console.Duration(result.Took))
		rows := [][]string{{"", "steps by hand", "data lost", "longest chain of waits"}}
		for _, way := range result.Ways {
			rows = append(rows, []string{way.Name, strconv.Itoa(way.Steps), way.Lost.String(), way.Chain.String()})
		}
		out.Table("   ", rows)
		return nil
	})
}

// withCopies gives a stack that has none copies of its backups: without them nothing is left to go
// with.
func withCopies(f *harness.Fixture) error {
	sections, err := harness.ReadSections(f.Work.StackFile(), f.Work.Files.Project)
	if err != nil {
		return err
	}
	if backups, ok := sections["backups"].(map[string]any); ok && backups["copy"] == nil {
		return f.Edit(map[string]any{
			"backups.copy": map[string]any{"region": harness.RecoveryRegion, "retentionDays": 7},
		})
	}
	return nil
}

// tool runs one of the commands that the runbook calls, under the name of its link.
func tool(ctx context.Context, name string, args []string) int {
	c, err := cloud.Open(os.Getenv(model.CloudEnv))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitFailed
	}
	if name == regionloss.InfraTool {
		// promote asks the site whether it answers.
		http.DefaultTransport = regionloss.Transport{Cloud: c}
		infra := &cobra.Command{Use: "infra"}
		infra.AddCommand(bootstrap.Command(), promote.Command(), recovery.CommandAt(func() (time.Time, error) {
			return cloudTime(c)
		}))
		return infracommand.Run(ctx, infra, args, os.Stdin, os.Stdout, os.Stderr)
	}
	text, err := answer(c, name, args)
	var ended *aws.CLIError
	switch {
	case errors.As(err, &ended):
		fmt.Fprintln(os.Stderr, ended.Message)
		return ended.Code
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return exitFailed
	}
	fmt.Print(text)
	return exitOK
}

// cloudTime is the time in the clouds, which the drill moves on.
func cloudTime(c *cloud.Cloud) (now time.Time, err error) {
	err = c.View(func(tx *cloud.Tx) (err error) { now, err = aws.Now(tx); return err })
	return now, err
}

func answer(c *cloud.Cloud, name string, args []string) (string, error) {
	switch name {
	case regionloss.AWSTool:
		cli := &aws.CLI{
			Cloud:   c,
			Account: os.Getenv(model.AccountEnv),
			Region:  os.Getenv("AWS_REGION"),
			Buckets: os.Getenv(regionloss.BucketsEnv),
		}
		return cli.Run(args)
	case regionloss.AtlasTool:
		return atlas.CLI(c, args)
	default:
		return regionloss.StandIn(c, name, args)
	}
}
