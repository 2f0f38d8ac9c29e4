package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

// sentryPages is where the Sentry provider looks a platform up.
const sentryPages = "https://docs.sentry.io/_platforms/"

func doctorCommand() *cobra.Command {
	pages := sentryPages
	c := &cobra.Command{
		Use:   "doctor STACK-FILE...",
		Short: "Ask whether the providers would take what stack files say and only they know",
		Long: `doctor asks what a preview would find out too late. The Sentry provider looks each of
sentry.platforms up on Sentry's web site, in every preview, and refuses a platform whose page it does not
find. doctor asks for the same pages. A project without a platform works the same.`,
		Args: func(_ *cobra.Command, files []string) error {
			if len(files) == 0 {
				return command.Wrong("read the arguments: found no stack file, want one or more, such as " +
					"Pulumi.prod.yaml")
			}
			return nil
		},
		RunE: func(c *cobra.Command, files []string) error {
			var problems []error
			for _, file := range files {
				text, err := readFile(file, func(r io.Reader) (string, error) {
					raw, err := io.ReadAll(r)
					return string(raw), err
				})
				if err != nil {
					return err
				}
				platforms, err := stackfile.Platforms(text)
				if err != nil {
					return fmt.Errorf("%s: %w", file, err)
				}
				if len(platforms) == 0 {
					_, _ = fmt.Fprintf(c.OutOrStdout(), "%s: no platform is set, so Sentry's provider looks none up\n",
						file)
				}
				for _, one := range platforms {
					if err := takes(c.Context(), pages, one.Platform); err != nil {
						problems = append(problems, fmt.Errorf("%s: sentry.platforms.%s: %w", file, one.Service, err))
						continue
					}
					_, _ = fmt.Fprintf(c.OutOrStdout(), "%s: sentry.platforms.%s: the provider takes %s\n", file,
						one.Service, one.Platform)
				}
			}
			return errors.Join(problems...)
		},
	}
	c.Flags().StringVar(&pages, "sentry-pages", pages, "the `address` of the pages, with a slash at its end")
	return command.WithExitCodes(c, `
Exit codes:
  0  the providers would take it
  1  one would not, or cannot be asked
  2  the command was called wrongly
`)
}

// takes asks for a platform's page as the provider does: by the platform's name, and with its first
// hyphen for a slash. "other" it takes unasked.
func takes(ctx context.Context, pages, platform string) error {
	if platform == "other" {
		return nil
	}
	const answerTimeout = 20 * time.Second
	client := &http.Client{Timeout: answerTimeout}
	var answers []string
	for _, page := range []string{platform, strings.Replace(platform, "-", "/", 1)} {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, pages+page+".json", nil)
		if err != nil {
			return fmt.Errorf("ask for the page of %q: %w", platform, err)
		}
		response, err := client.Do(request)
		if err != nil {
			return fmt.Errorf("ask for the page of %q: %w", platform, err)
		}
		_ = response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return nil
		}
		answers = append(answers, fmt.Sprintf("%s answers %d", request.URL, response.StatusCode))
	}
	return fmt.Errorf("found %q, whose page the provider does not find (%s), want one that it finds, or no entry: "+
		"every preview would be refused", platform, strings.Join(answers, ", "))
}
