package datadog

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// otherRules are about dashboards and AWS accounts.
var otherRules = []provider.Rule{
	{
		Name:  "body of a dashboard",
		Types: []string{dashboardType},
		When:  provider.OnCheck,
		Why:   "Create a dashboard: title, layout_type and widgets are required",
		Check: func(r *provider.Request) error {
			text := r.Inputs.Text("dashboard")
			if text == "" {
				return nil
			}
			var body struct {
				Title      string
				LayoutType string `json:"layout_type"`
				ReflowType string `json:"reflow_type"`
				Widgets    []boardWidget
			}
			if err := json.Unmarshal([]byte(text), &body); err != nil {
				return fmt.Errorf("\"dashboard\" contains an invalid JSON: %w", err)
			}
			if body.Title == "" || !slices.Contains([]string{"free", "ordered"}, body.LayoutType) ||
				body.Widgets == nil {
				return fmt.Errorf("400 Bad Request: Invalid dashboard: title, layout_type (free or ordered) and " +
					"widgets are required")
			}
			for _, widget := range body.Widgets {
				if err := widget.check(body.LayoutType == "free" || body.ReflowType == "fixed"); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		Name:  "a dashboard of known objectives",
		Types: []string{dashboardType},
		When:  provider.OnWrite,
		Why:   "Create a dashboard: the SLO of a widget must exist",
		Check: func(r *provider.Request) error {
			for _, match := range regexp.MustCompile(`"slo_id":"([^"]*)"`).FindAllStringSubmatch(r.Inputs.Text(
				"dashboard",
			), -1) {
				if r.Missing(r.Find(objectiveType, match[1])) {
					return fmt.Errorf("400 Bad Request: Invalid dashboard: SLO %s does not exist", match[1])
				}
			}
			return nil
		},
	},
	{
		Name:  "an AWS account is integrated once",
		Types: []string{accountType},
		When:  provider.OnCreate,
		Why:   "Create an AWS integration: 409 Conflict",
		Check: func(r *provider.Request) error {
			for _, other := range r.Others(accountType) {
				if account := r.Inputs.Text("awsAccountId"); account != "" && other.Text("awsAccountId") == account {
					return fmt.Errorf("409 Conflict: An AWS integration for account %s already exists", account)
				}
			}
			return nil
		},
	},
	{
		Name:  "parts of an AWS account's integration",
		Types: []string{accountType},
		When:  provider.OnCheck,
		Why:   "the provider: every block is required, though it may be empty",
		Check: func(r *provider.Request) error {
			for _, block := range []string{"authConfig", "awsRegions", "logsConfig", "metricsConfig",
				"resourcesConfig", "tracesConfig"} {
				if !r.Inputs.Has(block) {
					return fmt.Errorf("Block %s must be configured", block)
				}
			}
			if !r.Inputs.Unknown("authConfig") &&
				r.Inputs.Object("authConfig").Object("awsAuthConfigRole").Text("roleName") == "" &&
				!r.Inputs.Object("authConfig").Has("awsAuthConfigKeys") {
				return fmt.Errorf("either awsAuthConfigKeys or awsAuthConfigRole with a roleName is required within " +
					"authConfig")
			}
			return nil
		},
	},
	{
		Name:  "an AWS account is entered one way",
		Types: []string{accountType},
		When:  provider.OnCheck,
		Why:   "the provider: the parts of auth_config conflict",
		Check: apart("authConfig", "awsAuthConfigRole", "awsAuthConfigKeys"),
	},
	{
		Name:  "regions of an AWS account",
		Types: []string{accountType},
		When:  provider.OnCheck,
		Why:   "the provider: the parts of aws_regions conflict",
		Check: apart("awsRegions", "includeAll", "includeOnlies"),
	},
	{
		Name:  "namespaces of an AWS account",
		Types: []string{accountType},
		When:  provider.OnCheck,
		Why:   "the provider: the parts of namespace_filters conflict",
		Check: apart("metricsConfig.namespaceFilters", "includeOnlies", "excludeOnlies"),
	},
	{
		Name:  "traced services of an AWS account",
		Types: []string{accountType},
		When:  provider.OnCheck,
		Why:   "the provider: the parts of xray_services conflict",
		Check: apart("tracesConfig.xrayServices", "includeAll", "includeOnlies"),
	},
}

// boardWidget is a widget of a dashboard, which may be a group of more.
type boardWidget struct {
	Layout     json.RawMessage
	Definition struct {
		Type     string
		Widgets  []boardWidget
		Requests []struct {
			Queries []struct {
				DataSource, Name, Query string
			}
		}
	}
}

func (w boardWidget) check(placed bool) error {
	if w.Definition.Type == "" {
		return fmt.Errorf("400 Bad Request: Invalid dashboard: a widget has no definition.type")
	}
	if placed && w.Layout == nil {
		return fmt.Errorf("400 Bad Request: Invalid dashboard: a %s widget has no layout, which its dashboard's "+
			"layout needs", w.Definition.Type)
	}
	for _, request := range w.Definition.Requests {
		for _, query := range request.Queries {
			if query.Name == "" || query.Query == "" || !scoped.MatchString(query.Query) {
				return fmt.Errorf("400 Bad Request: Invalid dashboard: query %q is not valid: %s", query.Name,
					query.Query)
			}
		}
	}
	for _, inner := range w.Definition.Widgets {
		if err := inner.check(false); err != nil {
			return err
		}
	}
	return nil
}
