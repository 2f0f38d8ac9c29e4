package observability

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/sdk/datadog"
)

// board is a Datadog dashboard. It carries every property that Datadog would add by itself, or each
// preview would show them as a change.
// https://docs.datadoghq.com/api/latest/dashboards/
type board struct {
	Title             string          `json:"title"`
	Description       string          `json:"description"`
	LayoutType        string          `json:"layout_type"`
	ReflowType        string          `json:"reflow_type"`
	NotifyList        []string        `json:"notify_list"`
	TemplateVariables []boardVariable `json:"template_variables"`
	Widgets           []boardGroup    `json:"widgets"`
}

type boardVariable struct{}

type boardGroup struct {
	Definition groupDefinition `json:"definition"`
}

type groupDefinition struct {
	Type       string        `json:"type"`
	Title      string        `json:"title"`
	LayoutType string        `json:"layout_type"`
	Widgets    []boardWidget `json:"widgets"`
}

type boardWidget struct {
	Definition any `json:"definition"`
}

type timeseries struct {
	Type       string    `json:"type"`
	Title      string    `json:"title"`
	ShowLegend bool      `json:"show_legend"`
	Requests   []request `json:"requests"`
}

type request struct {
	ResponseFormat string    `json:"response_format"`
	DisplayType    string    `json:"display_type"`
	Queries        []query   `json:"queries"`
	Formulas       []formula `json:"formulas"`
}

type query struct {
	DataSource string `json:"data_source"`
	Name       string `json:"name"`
	Query      string `json:"query"`
}

type formula struct {
	Formula string `json:"formula"`
}

type objectiveWidget struct {
	Type            string   `json:"type"`
	Title           string   `json:"title"`
	ViewType        string   `json:"view_type"`
	TimeWindows     []string `json:"time_windows"`
	ShowErrorBudget bool     `json:"show_error_budget"`
	ViewMode        string   `json:"view_mode"`
	ID              string   `json:"slo_id"`
}

// plot is a graph of one formula over named queries; without a formula, of its one query.
func plot(title, display, expression string, queries ...query) boardWidget {
	if expression == "" {
		expression = queries[0].Name
	}
	for i := range queries {
		queries[i].DataSource = "metrics"
	}
	return boardWidget{timeseries{
		Type:       "timeseries",
		Title:      title,
		ShowLegend: true,
		Requests: []request{{
			ResponseFormat: "timeseries",
			DisplayType:    display,
			Queries:        queries,
			Formulas:       []formula{{expression}},
		}},
	}}
}

func group(title string, widgets ...boardWidget) boardGroup {
	return boardGroup{groupDefinition{
		Type:       "group",
		Title:      title,
		LayoutType: "ordered",
		Widgets:    widgets,
	}}
}

// group shows a service: how much it does, how well, and what its objectives say.
func (t traced) group(objectiveIDs map[string]string) boardGroup {
	widgets := []boardWidget{
		plot("Requests", "bars", "", query{Name: "hits", Query: t.hits()}),
		plot("Error rate", "line", "errors / hits", query{Name: "errors", Query: t.errors()},
			query{Name: "hits", Query: t.hits()}),
		plot("Latency (p95)", "line", "", query{Name: "latency", Query: t.latency()}),
		plot("CPU of the tasks", "line", "",
			query{Name: "cpu", Query: "avg:ecs.fargate.cpu.percent" + t.scope() + " by {task_arn}"}),
		plot("Memory of the tasks", "line", "",
			query{Name: "memory", Query: "avg:ecs.fargate.mem.rss" + t.scope() + " by {task_arn}"}),
	}
	for _, one := range t.objectives() {
		widgets = append(widgets, boardWidget{objectiveWidget{
			Type:            "slo",
			Title:           one.title,
			ViewType:        "detail",
			TimeWindows:     []string{objectiveDays},
			ShowErrorBudget: true,
			ViewMode:        "overall",
			ID:              objectiveIDs[one.key],
		}})
	}
	return group("Service "+t.name, widgets...)
}

// infrastructure shows what the AWS account's integration brings: CloudWatch's metrics, under the
// names that Datadog gives them. extraMetrics says that CloudFront sends those that are paid for.
// https://docs.datadoghq.com/integrations/amazon_web_services/
func infrastructure(accountID string, extraMetrics bool) boardGroup {
	scope := fmt.Sprintf("{aws_account:%s}", accountID)
	sum := func(name string) string { return "sum:" + name + scope + ".as_count()" }
	widgets := []boardWidget{
		plot("Load balancer: requests", "bars", "",
			query{Name: "requests", Query: sum("aws.applicationelb.request_count")}),
		plot("Load balancer: 5xx", "bars", "",
			query{Name: "errors", Query: sum("aws.applicationelb.httpcode_target_5xx")}),
		plot("Aurora: connections", "line", "", query{
			Name:  "connections",
			Query: "max:aws.rds.database_connections" + scope + " by {dbinstanceidentifier}",
		}),
		plot("Aurora: capacity (ACU)", "line", "", query{
			Name:  "capacity",
			Query: "max:aws.rds.serverless_database_capacity" + scope + " by {dbinstanceidentifier}",
		}),
		plot("CloudFront: requests", "bars", "", query{Name: "requests", Query: sum("aws.cloudfront.requests")}),
		plot("Web ACL: blocked", "bars", "", query{Name: "blocked", Query: sum("aws.wafv2.blocked_requests")}),
		plot("NAT gateways: port errors", "bars", "",
			query{Name: "errors", Query: sum("aws.natgateway.error_port_allocation")}),
	}
	if extraMetrics {
		widgets = append(widgets,
			plot("CloudFront: cache hits (%)", "line", "",
				query{Name: "hits", Query: "avg:aws.cloudfront.cache_hit_rate" + scope}),
			plot("CloudFront: origin latency (ms)", "line", "",
				query{Name: "latency", Query: "avg:aws.cloudfront.origin_latency" + scope}))
	}
	return group("AWS", widgets...)
}

// dashboard shows the running services and, where the account is integrated, what is below and
// before them.
func (b *datadogBuilder) dashboard() error {
	ids := pulumi.StringMap{}
	for key, id := range b.datadog.ObjectiveIDs {
		ids[key] = id
	}
	services, config := b.running(), b.args.Config
	title := string(b.title("overview"))
	account, extraMetrics := b.args.AccountID, b.args.ExtraMetrics
	written := ids.ToStringMapOutput().ApplyT(func(ids map[string]string) (string, error) {
		all := board{
			Title:             title,
			Description:       "Written by the stack's program: changes made here are lost.",
			LayoutType:        "ordered",
			ReflowType:        "auto",
			NotifyList:        []string{},
			TemplateVariables: []boardVariable{},
			Widgets:           []boardGroup{},
		}
		for _, service := range services {
			all.Widgets = append(all.Widgets, service.group(ids))
		}
		if config.Integration != Off {
			all.Widgets = append(all.Widgets, infrastructure(account, extraMetrics))
		}
		raw, err := json.Marshal(all)
		return string(raw), err
	}).(pulumi.StringOutput)
	made, err := datadog.NewDashboardJson(b.Ctx, b.Child("dashboard"), &datadog.DashboardJsonArgs{Dashboard: written},
		b.parent(), b.here())
	if err != nil {
		return b.Wrap("create", "dashboard", err)
	}
	b.datadog.DashboardURL = made.Url
	return nil
}
