package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/plan"
	"github.com/bookmark-manager/infrastructure/internal/visit"
)

type requestOptions struct {
	stack, plan, body, from, country, version string
	headers, matched                          []string
	recent                                    int
	json                                      bool
}

func requestCommand() *cobra.Command {
	o := &requestOptions{}
	c := &cobra.Command{
		Use:   "request METHOD URL [-H HEADER]...",
		Short: "Follow a visitor's request through a stack's plan: firewall, CloudFront, load balancer, task, and back",
		Long: `request says what becomes of a request: each rule of the web ACL, the behaviour, the viewer
function, the cache key, what the origin gets, the listener rule and the task, and what comes back
when the task answers, errs or is not there. It reads the plan of a deployed stack, which
"make plan DEPLOYED=1" makes offline. Of AWS's managed rule groups it has the rules that AWS documents.`,
		Example: `  infra request GET https://www.example.com/api/bookmarks -H 'Authorization: Bearer x'
  infra request POST https://www.example.com/api/bookmarks/import --body bookmarks.html --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return command.Wrong("read the arguments: found %d, want a method and a URL", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return o.follow(c, args[0], args[1]) },
	}
	f := c.Flags()
	f.StringVar(&o.stack, "stack", "prod", "the stack's `name`")
	f.StringVar(&o.plan, "plan", "", "the plan, a `file` (default .rehearsal/STACK.plan.json)")
	f.StringArrayVarP(&o.headers, "header", "H", nil, "a `header`, as \"Name: value\"; can be given again")
	f.StringVar(&o.body, "body", "", "the `file` with the request's body; - for standard input")
	f.StringVar(&o.from, "from", "192.0.2.1", "the visitor's `address`")
	f.StringVar(&o.country, "country", "JP", "the visitor's `country`, as ISO 3166-1 has it")
	f.StringVar(&o.version, "http", "HTTP/2", "the `version` of HTTP: HTTP/1.0, HTTP/1.1, HTTP/2 or HTTP/3")
	f.IntVar(&o.recent, "recent", 0, "how many such requests the address has sent within a limit's window, a `number`")
	f.StringArrayVar(&o.matched, "matched", nil,
		"take a `rule` of a managed group for one that matches, such as HostingProviderIPList")
	f.BoolVar(&o.json, "json", false, "write JSON")
	return command.WithExitCodes(c, `
Exit codes:
  0  the request is followed, whatever becomes of it
  1  it cannot be: the plan is not of a deployed stack, or has what this command does not know
  2  the command was called wrongly, or what it was given is no request
`)
}

func (o *requestOptions) follow(c *cobra.Command, method, address string) error {
	request, err := o.request(c.InOrStdin(), method, address)
	if err != nil {
		return err
	}
	if o.plan == "" {
		o.plan = filepath.Join(".rehearsal", o.stack+".plan.json")
	}
	preview, err := plan.ReadFile(o.plan, c.InOrStdin())
	if errors.Is(err, os.ErrNotExist) {
		return command.Exit(command.Usage, fmt.Errorf("%w; make it: make plan DEPLOYED=1 STACK=%s", err, o.stack))
	}
	if err != nil {
		return err
	}
	site, err := visit.Read(preview.Resources())
	if err != nil {
		return err
	}
	followed, err := site.Follow(request)
	if err != nil {
		return err
	}
	if !o.json {
		return followed.Tell(c.OutOrStdout())
	}
	encoder := json.NewEncoder(c.OutOrStdout())
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(followed)
}

func (o *requestOptions) request(in io.Reader, method, address string) (*visit.Request, error) {
	var body []byte
	var err error
	switch o.body {
	case "":
	case "-":
		body, err = io.ReadAll(in)
	default:
		body, err = os.ReadFile(o.body)
	}
	if err != nil {
		return nil, command.Exit(command.Usage, fmt.Errorf("read the body: %w", err))
	}
	request, err := visit.NewRequest(method, address, o.headers, body)
	if err == nil {
		err = errors.Join(request.Speak(o.version), request.From(o.from, o.country), request.Match(o.matched...))
	}
	if err == nil && o.recent < 0 {
		err = fmt.Errorf("%w: recent: found %d, want 0 or more", visit.ErrRequest, o.recent)
	}
	if err != nil {
		return nil, command.Exit(command.Usage, err)
	}
	request.Recent = o.recent
	return request, nil
}
