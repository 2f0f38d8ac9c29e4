package aws

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

var (
	percentile  = regexp.MustCompile(`^(p|tm|tc|ts|wm)(\d{1,2}(\.\d{1,10})?|100)$`)
	queryID     = regexp.MustCompile(`^[a-z][A-Za-z0-9_]*$`)
	identifiers = regexp.MustCompile(`\b[a-z][A-Za-z0-9_]*\b`)
)

// metricAlarmRules are about alarms and dashboards.
var metricAlarmRules = []provider.Rule{
	{
		Name:  "an extended statistic",
		Types: []string{alarmType},
		When:  provider.OnCheck,
		Why:   "CloudWatch PutMetricAlarm: ExtendedStatistic",
		Check: func(r *provider.Request) error {
			if stat := r.Inputs.Text("extendedStatistic"); stat != "" && !percentile.MatchString(stat) {
				return fmt.Errorf("invalid extendedStatistic %s", stat)
			}
			return nil
		},
	},
	{
		Name:  "an alarm watches a metric or queries",
		Types: []string{alarmType},
		When:  provider.OnCheck,
		Why:   "the provider: ExactlyOneOf",
		Check: exactlyOne("metricName", "metricQueries"),
	},
	{
		Name:  "an alarm on a metric has a statistic",
		Types: []string{alarmType},
		When:  provider.OnCheck,
		Why:   "CloudWatch PutMetricAlarm: ValidationError",
		Check: func(r *provider.Request) error {
			if r.Inputs.Has("metricName") && r.Inputs.Has("statistic") == r.Inputs.Has("extendedStatistic") {
				return fmt.Errorf("ValidationError: Exactly one of statistic and extended statistic must be given")
			}
			return nil
		},
	},
	{
		Name:  "queries of an alarm",
		Types: []string{alarmType},
		When:  provider.OnCheck,
		Why:   "CloudWatch PutMetricAlarm: MetricDataQuery, of which exactly one is returned",
		Check: func(r *provider.Request) error {
			return metricQueries(r.Inputs.Objects("metricQueries"))
		},
	},
	{
		Name:  "period of an alarm",
		Types: []string{alarmType},
		When:  provider.OnCheck,
		Why: "CloudWatch PutMetricAlarm: Period is 10, 20, 30 or a multiple of 60; a day is looked at, at most, " +
			"and a week with an hour or more",
		Check: func(r *provider.Request) error {
			periods, _ := r.Inputs.Number("evaluationPeriods")
			lengths := []float64{}
			if period, ok := r.Inputs.Number("period"); ok {
				lengths = append(lengths, period)
			}
			for _, query := range r.Inputs.Objects("metricQueries") {
				if period, ok := query.Object("metric").Number("period"); ok {
					lengths = append(lengths, period)
				}
			}
			for _, period := range lengths {
				if !slices.Contains([]float64{10, 20, 30}, period) && (period < 60 || int(period)%60 != 0) {
					return fmt.Errorf("ValidationError: Period must be 10, 20, 30 or a multiple of 60, got %g", period)
				}
				if period < 3600 && period*periods > 86400 {
					return fmt.Errorf("ValidationError: Metrics cannot be checked across more than a day " +
						"(EvaluationPeriods * Period must be <= 86400).")
				}
				if period*periods > 7*86400 {
					return fmt.Errorf("ValidationError: Metrics cannot be checked across more than a week " +
						"(EvaluationPeriods * Period must be <= 604800).")
				}
			}
			if points, ok := r.Inputs.Number("datapointsToAlarm"); ok && points > periods {
				return fmt.Errorf("ValidationError: DatapointsToAlarm must be less than or equal to "+
					"EvaluationPeriods, got %g of %g", points, periods)
			}
			return nil
		},
	},
	{
		Name:  "description of an alarm",
		Types: []string{alarmType, compositeType},
		When:  provider.OnCheck,
		Why:   "CloudWatch PutMetricAlarm, PutCompositeAlarm: AlarmDescription",
		Check: func(r *provider.Request) error {
			if length := len(r.Inputs.Text("alarmDescription")); length > 1024 {
				return fmt.Errorf("expected length of alarmDescription to be in the range (0 - 1024), got %d", length)
			}
			return nil
		},
	},
	{
		Name:  "one alarm a name",
		Types: []string{alarmType, compositeType},
		When:  provider.OnCreate,
		Why:   "CloudWatch PutMetricAlarm would write over the alarm that another resource manages",
		Check: func(r *provider.Request) error {
			name := r.Inputs.Text("name") + r.Inputs.Text("alarmName")
			for _, typ := range []string{alarmType, compositeType} {
				if alarm := r.Find(typ, name); name != "" && alarm != nil && !r.Itself(alarm) {
					return fmt.Errorf("ResourceAlreadyExists: there is an alarm with the name %s", name)
				}
			}
			return nil
		},
	},
	{
		Name:  "actions of an alarm's region",
		Types: []string{alarmType, compositeType},
		When:  provider.OnWrite,
		Why:   "CloudWatch PutMetricAlarm: ValidationError, Invalid region specified",
		Check: func(r *provider.Request) error {
			for _, property := range []string{"alarmActions", "okActions", "insufficientDataActions"} {
				for _, action := range r.Inputs.Texts(property) {
					if parts := strings.Split(action, ":"); len(parts) < 6 || parts[3] != r.Region {
						return fmt.Errorf("ValidationError: Invalid region %s specified. Only %s is supported.",
							partOf(parts, 3), r.Region)
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "an alarm notifies a topic that allows it",
		Types: []string{alarmType, compositeType},
		When:  provider.OnWrite,
		Why:   "CloudWatch takes any ARN and then tells nobody: what the alarm's history reports",
		Check: func(r *provider.Request) error {
			source := "arn:aws:cloudwatch:" + r.Region + ":" + r.Account + ":alarm:" + r.Inputs.Text("name") +
				r.Inputs.Text("alarmName")
			for _, property := range []string{"alarmActions", "okActions", "insufficientDataActions"} {
				for _, action := range r.Inputs.Texts(property) {
					if !strings.HasPrefix(action, "arn:aws:sns:") {
						continue
					}
					if r.Missing(r.ByARN(action)) {
						return fmt.Errorf("NotFound: Failed to execute action %s. Received error: Topic does "+
							"not exist", action)
					}
					if err := publishes(r, action, "cloudwatch.amazonaws.com", source); err != nil {
						return fmt.Errorf("AuthorizationError: Failed to execute action %s. Received error: %w",
							action, err)
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "parts of a composite alarm",
		Types: []string{compositeType},
		When:  provider.OnWrite,
		Why:   "CloudWatch PutCompositeAlarm: the alarms of the rule must exist, in the same region",
		Check: func(r *provider.Request) error {
			named := alarmNames.FindAllStringSubmatch(r.Inputs.Text("alarmRule"), -1)
			if r.Inputs.Text("alarmRule") != "" && len(named) == 0 {
				return fmt.Errorf("ValidationError: AlarmRule must contain at least one alarm: %s",
					r.Inputs.Text("alarmRule"))
			}
			for _, match := range named {
				if r.Missing(r.Find(alarmType, match[2])) && r.Missing(r.Find(compositeType, match[2])) {
					return fmt.Errorf("ValidationError: AlarmRule: the alarm %s does not exist in %s", match[2],
						r.Region)
				}
			}
			return nil
		},
	},
	{
		Name:  "length of a composite alarm's rule",
		Types: []string{compositeType},
		When:  provider.OnCheck,
		Why:   "CloudWatch PutCompositeAlarm: AlarmRule of up to 10,240 characters, with up to 100 alarms",
		Check: func(r *provider.Request) error {
			rule := r.Inputs.Text("alarmRule")
			if len(rule) > 10240 {
				return fmt.Errorf("ValidationError: AlarmRule must have length less than or equal to 10240, got %d",
					len(rule))
			}
			if named := alarmNames.FindAllString(rule, -1); len(named) > 100 {
				return fmt.Errorf("ValidationError: AlarmRule must not have more than 100 alarms, got %d", len(named))
			}
			return nil
		},
	},
	{
		Name:  "suppressor of a composite alarm",
		Types: []string{compositeType},
		When:  provider.OnWrite,
		Why:   "CloudWatch PutCompositeAlarm: ActionsSuppressor is an alarm of the region",
		Check: func(r *provider.Request) error {
			name := r.Inputs.Object("actionsSuppressor").Text("alarm")
			name = name[strings.LastIndex(name, ":")+1:] // a name, or an ARN
			if name != "" && r.Missing(r.Find(alarmType, name)) && r.Missing(r.Find(compositeType, name)) {
				return fmt.Errorf("ValidationError: ActionsSuppressor: the alarm %s does not exist in %s", name,
					r.Region)
			}
			return nil
		},
	},
	{
		Name:  "body of a dashboard",
		Types: []string{dashboardType},
		When:  provider.OnCheck,
		Why:   "CloudWatch PutDashboard: InvalidParameterInput",
		Check: func(r *provider.Request) error {
			return dashboardBody(r.Inputs.Text("dashboardBody"))
		},
	},
}

var alarmNames = regexp.MustCompile(`(ALARM|OK|INSUFFICIENT_DATA)\("?([^")]+)"?\)`)

func partOf(parts []string, i int) string {
	if i < len(parts) {
		return parts[i]
	}
	return ""
}

// metricQueries checks the queries of metric math.
func metricQueries(queries []provider.Values) error {
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
	const most = 10
	returned, metrics, known := 0, 0, map[string]bool{}
	for _, query := range queries {
		id := query.Text("id")
		if !queryID.MatchString(id) {
			return fmt.Errorf("ValidationError: The value %q for Id is not matching the expected pattern %s", id,
				queryID)
		}
		if known[id] {
			return fmt.Errorf("ValidationError: The MetricDataQuery Id %s is used twice", id)
		}
		known[id] = true
		if query.Is("returnData", false) {
			returned++
		}
		if query.Has("expression") == query.Has("metric") {
			return fmt.Errorf("ValidationError: The MetricDataQuery %s must have either an expression or a metric", id)
		}
		if query.Has("metric") {
			metrics++
		}
	}
	if expressions := len(queries) - metrics; metrics > most || expressions > most {
		return fmt.Errorf("ValidationError: The metrics list must have up to %d metrics and up to %d expressions, "+
			"got %d and %d",
			most, most, metrics, expressions)
	}
	if len(queries) > 0 && returned != 1 {
		return fmt.Errorf("ValidationError: Exactly one element of the metrics list should return data, got %d",
			returned)
	}
	for _, query := range queries {
		for _, used := range identifiers.FindAllString(query.Text("expression"), -1) {
			if !known[used] {
				return fmt.Errorf("ValidationError: Error in expression '%s': Undefined metric or expression id %s",
					query.Text("id"), used)
			}
		}
	}
	return nil
}

// widgetProperties are the ones that a widget must have, by its type.
var widgetProperties = map[string]string{"alarm": "alarms", "log": "query", "metric": "metrics", "text": "markdown"}

func dashboardBody(text string) error {
	if text == "" {
		return nil
	}
	var body struct {
		Widgets []struct {
			Type       string
			X, Y       int
			Width      int
			Height     int
			Properties map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		return fmt.Errorf("InvalidParameterInput: The field DashboardBody must be a valid JSON object: %w", err)
	}
	if body.Widgets == nil {
		return fmt.Errorf("InvalidParameterInput: The dashboard body is invalid: Should have property widgets")
	}
	for i, widget := range body.Widgets {
		needed, known := widgetProperties[widget.Type]
		switch {
		case !known:
			return fmt.Errorf("InvalidParameterInput: The dashboard body is invalid: /widgets/%d/type: Should match "+
				"one of the widget types: %s", i, widget.Type)
		case widget.X < 0 || widget.X > 23 || widget.X+widget.Width > 24:
			return fmt.Errorf("InvalidParameterInput: The dashboard body is invalid: /widgets/%d: Should fit the 24 "+
				"columns, got x %d and width %d", i, widget.X, widget.Width)
		case widget.Properties[needed] == nil:
			return fmt.Errorf("InvalidParameterInput: The dashboard body is invalid: /widgets/%d/properties: Should "+
				"have property %s", i, needed)
		case widget.Type == "metric" && widget.Properties["region"] == nil:
			return fmt.Errorf("InvalidParameterInput: The dashboard body is invalid: /widgets/%d/properties: Should "+
				"have property region", i)
		case widget.Type == "metric" && string(widget.Properties["metrics"]) == "[]":
			return fmt.Errorf("InvalidParameterInput: The dashboard body is invalid: "+
				"/widgets/%d/properties/metrics: Should NOT have fewer than 1 items", i)
		}
	}
	return nil
}
