package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/bookmark-manager/infrastructure/internal/cost"
	"github.com/bookmark-manager/infrastructure/internal/plan"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/lifecycle"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/run"
)

// priceOptions previews a new stack with each of its choices changed alone, and writes what each
// changes about what is billed.
func priceOptions(ctx context.Context, f flags, out *console.Console) error {
	if f.out == "" {
		return &run.UsageError{Err: errors.New(
			"write the options: there is no file to write them to: give one with --out")}
	}
	usage, err := readFile(filepath.Join(f.Project, "cost", "usage."+f.Stack+".yaml"), cost.ReadUsage)
	if err != nil {
		return err
	}
	prices, err := readFile(filepath.Join(f.Project, "cost", "prices.yaml"), cost.ReadPrices)
	if err != nil {
		return err
	}
	return harness.OnNew(ctx, f.Options, out, func(fixture *harness.Fixture) error {
		return writeOptions(ctx, f, fixture, usage, prices)
	})
}

func writeOptions(
	ctx context.Context, f flags, fixture *harness.Fixture, usage *cost.Usage, prices *cost.Prices,
) error {
	if err := fixture.NameImages(ctx); err != nil {
		return err
	}
	start := time.Now()
	bill := func(option *cost.Option, base, changed []byte) error {
		before, err := resourcesOf(base)
		if err != nil {
			return err
		}
		after, err := resourcesOf(changed)
		if err != nil {
			return err
		}
		return option.Compute(before, after, usage, prices)
	}
	alike := func(base, changed []byte) (bool, error) {
		var option cost.Option
		err := bill(&option, base, changed)
		return option.Free(), err
	}
	chosen, err := lifecycle.Choices(ctx, fixture, filepath.Join(f.Project, "config.schema.json"), f.only, alike)
	if err != nil {
		return err
	}
	all := cost.Options{Without: chosen.Alike}
	for _, choice := range chosen.Choices {
		option := cost.Option{
			Setting: choice.Path,
			Change:  choice.What,
			About:   choice.About,
			Edit:    choice.Edit,
			Refused: choice.Refused,
		}
		if choice.Plan != nil {
			if err := bill(&option, chosen.Base, choice.Plan); err != nil {
				return err
			}
		}
		all.Options = append(all.Options, option)
	}
	var raw bytes.Buffer
	encoder := json.NewEncoder(&raw)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(all); err != nil {
		return fmt.Errorf("write the options of %s: %w", f.Stack, err)
	}
	if err := os.WriteFile(f.out, raw.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the options of %s: %w", f.Stack, err)
	}
	fixture.Console.Line("Options of %s: %d in %d previews, %s: %s", f.Stack, len(all.Options), chosen.Previews,
		console.Duration(time.Since(start)), f.out)
	return nil
}

func resourcesOf(raw []byte) ([]plan.State, error) {
	preview, err := plan.Read(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return preview.Resources(), nil
}

func readFile[T any](path string, read func(io.Reader) (T, error)) (value T, err error) {
	file, err := os.Open(path)
	if err != nil {
		return value, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if value, err = read(file); err != nil {
		return value, fmt.Errorf("%s: %w", path, err)
	}
	return value, nil
}
