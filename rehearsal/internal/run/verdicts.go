package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/toolchain"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/verdicts"
)

// Verdicts asks the model about every defective program, and the AWS plugin too where it is
// installed. It fails on a verdict that is not the recorded one; with update it records them
// instead, which takes the plugin.
func Verdicts(ctx context.Context, o Options, c *console.Console, update bool) (err error) {
	table, err := verdicts.Load()
	if err != nil {
		return err
	}
	c.Heading("Asking about %d defective programs", len(table.Cases))
	installed, err := installedAWS(c)
	if err != nil {
		return err
	}
	if installed != nil {
		defer func() { err = errors.Join(err, installed.Close()) }()
	} else if update {
		return errors.New("record the verdicts: the AWS plugin is not installed, and the real provider's are half " +
			"of them: put it on PATH")
	}
	start := time.Now()
	if installed != nil {
		c.Line("Asking the AWS plugin which values each property takes (a minute)")
		if update {
			already, err := verdicts.WriteValues(ctx, o.Project, installed)
			if err != nil {
				return err
			}
			if !already {
				return errors.New("the AWS plugin takes other values than the model was built with; they are " +
					"recorded now: run make verdicts UPDATE=1 again")
			}
		} else if err := verdicts.CompareValues(ctx, o.Project, installed); err != nil {
			return fmt.Errorf("compare the values (record them with --update if they are right): %w", err)
		}
	}
	rows, err := verdicts.Judge(ctx, table, installed, func(row verdicts.Row) { c.Line("%s", row) })
	if err != nil {
		return err
	}
	c.Line("%d programs in %s", len(rows), console.Duration(time.Since(start)))
	if update {
		return verdicts.Write(o.Project, table, rows)
	}
	if err := verdicts.Compare(rows); err != nil {
		return fmt.Errorf("compare the verdicts (record them with --update if they are right):\n%w", err)
	}
	c.Line("Every verdict is the recorded one.")
	return nil
}

// installedAWS is the installed AWS plugin; nil where there is none.
func installedAWS(c *console.Console) (*verdicts.Plugin, error) {
	path, err := toolchain.FindPlugin("aws")
	switch {
	case err != nil:
		return nil, err
	case path == "":
		c.Line("AWS plugin: neither on PATH nor in Pulumi's plugin folder; its recorded verdicts stand for it")
		return nil, nil
	}
	c.Line("AWS plugin: %s", path)
	return verdicts.Start(path)
}
