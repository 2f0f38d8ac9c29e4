package plan

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

const inStack = "urn:pulumi:prod::bookmark-manager::bookmark-manager:compute:Service$"

// definition is the inputs of a task definition. change edits its containers.
func definition(t *testing.T, digest, version string, change func(containers []map[string]any)) map[string]any {
	t.Helper()
	containers := []map[string]any{
		{
			"name":  "web",
			"image": "registry/bookmark-manager-production-web@sha256:" + digest,
			"cpu":   192,
			"environment": []any{
				map[string]any{"name": "DD_VERSION", "value": version},
				map[string]any{"name": "LOG_LEVEL", "value": "info"},
			},
			"dockerLabels": map[string]any{"com.datadoghq.tags.version": version},
		},
		{"name": "agent", "image": "public.ecr.aws/datadog/agent:7"},
		{"name": "proxy", "image": "public.ecr.aws/nginx/nginx@sha256:a"},
	}
	if change != nil {
		change(containers)
	}
	raw, err := json.Marshal(containers)
	require.NoError(t, err)
	return map[string]any{"containerDefinitions": string(raw), "cpu": "256", "__defaults": []any{}}
}

func replacement(t *testing.T, after map[string]any) Step {
	t.Helper()
	return Step{
		Op:       opReplace,
		URN:      inStack + "aws:ecs/taskDefinition:TaskDefinition::web",
		OldState: &State{Type: catalog.TaskDefinition, Inputs: definition(t, "a", "1", nil)},
		NewState: &State{Type: catalog.TaskDefinition, Inputs: after},
	}
}

func service(after map[string]any) Step {
	before := map[string]any{"taskDefinition": "arn:1", "cluster": "c"}
	return Step{
		Op:       opUpdate,
		URN:      inStack + "aws:ecs/service:Service::web",
		OldState: &State{Type: catalog.ECSService, Inputs: before},
		NewState: &State{Type: catalog.ECSService, Inputs: after},
	}
}

// schedule starts so many tasks of another definition.
func schedule(definition string, tasks int) Step {
	inputs := func(definition string, tasks int) map[string]any {
		return map[string]any{"scheduleExpression": "rate(1 day)", "target": map[string]any{
			"arn": "c", "ecsParameters": map[string]any{"taskDefinitionArn": definition, "taskCount": tasks},
		}}
	}
	return Step{
		Op:       opUpdate,
		URN:      inStack + "aws:scheduler/schedule:Schedule::nightly",
		OldState: &State{Type: catalog.Schedule, Inputs: inputs("arn:1", 1)},
		NewState: &State{Type: catalog.Schedule, Inputs: inputs(definition, tasks)},
	}
}

func TestBeyondARelease(t *testing.T) {
	moved := service(map[string]any{"taskDefinition": Unknown, "cluster": "c"})
	for sentence, one := range map[string]struct {
		steps []Step
		want  []string
	}{
		"a release": {[]Step{replacement(t, definition(t, "b", "2", nil)), moved}, nil},
		"nothing":   {[]Step{{Op: opSame, URN: "urn"}}, nil},
		"another variable": {
			[]Step{replacement(t, definition(t, "b", "2", func(all []map[string]any) {
				all[0]["environment"].([]any)[1].(map[string]any)["value"] = "debug"
			})), moved},
			[]string{"web changes in containerDefinitions[web].environment[LOG_LEVEL].value"},
		},
		"a variable more": {
			[]Step{replacement(t, definition(t, "b", "2", func(all []map[string]any) {
				all[0]["environment"] = append(all[0]["environment"].([]any), map[string]any{"name": "A", "value": "B"})
			}))},
			[]string{"web changes in containerDefinitions[web].environment"},
		},
		"another agent": {
			[]Step{replacement(t, definition(t, "a", "1", func(all []map[string]any) {
				all[1]["image"] = "public.ecr.aws/datadog/agent:8"
			}))},
			[]string{"web changes in containerDefinitions[agent].image"},
		},
		"another image of a sidecar": {
			[]Step{replacement(t, definition(t, "a", "1", func(all []map[string]any) {
				all[2]["image"] = "public.ecr.aws/nginx/nginx@sha256:b"
			}))},
			[]string{"web changes in containerDefinitions[proxy].image"},
		},
		"an image of another repository": {
			[]Step{replacement(t, definition(t, "a", "1", func(all []map[string]any) {
				all[0]["image"] = "other/web@sha256:a"
			}))},
			[]string{"web changes in containerDefinitions[web].image"},
		},
		"another size": {
			[]Step{replacement(t, func() map[string]any {
				inputs := definition(t, "b", "2", nil)
				inputs["cpu"] = "512"
				return inputs
			}())},
			[]string{"web changes in cpu"},
		},
		"another setting of a service": {
			[]Step{service(map[string]any{"taskDefinition": "arn:2", "cluster": "d"})},
			[]string{"web changes in cluster"},
		},
		"another task definition of a schedule": {[]Step{schedule("arn:2", 1)}, nil},
		"one that is known later":               {[]Step{schedule(Unknown, 1)}, nil},
		"another number of a schedule's tasks": {
			[]Step{schedule("arn:2", 2)}, []string{"nightly changes in target.ecsParameters.taskCount"},
		},
		"another time of a schedule": {
			[]Step{func() Step {
				step := schedule("arn:1", 1)
				step.NewState.Inputs["scheduleExpression"] = "rate(1 hour)"
				return step
			}()},
			[]string{"nightly changes in scheduleExpression"},
		},
		"containers that are known later": {
			[]Step{replacement(t, map[string]any{"containerDefinitions": Unknown, "cpu": "256"})},
			[]string{"web changes in containerDefinitions, which cannot be compared"},
		},
		"a first release": {
			[]Step{{Op: opCreate, URN: "urn::web", NewState: &State{Type: catalog.ECSService}}},
			[]string{"web is created"},
		},
		"a service that goes": {[]Step{{Op: opDelete, URN: "urn::web", OldState: &State{Type: catalog.ECSService}}},
			[]string{"web is deleted"}},
		"a service made anew": {[]Step{{
			Op:       opReplace,
			URN:      "urn::web",
			OldState: &State{Type: catalog.ECSService},
		}}, []string{"web has the operation replace"}},
		"something else changes": {[]Step{{
			Op:       opUpdate,
			URN:      "urn::db",
			OldState: &State{Type: "aws:rds/cluster:Cluster"},
		}}, []string{"db has the operation update"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			var got []string
			for _, finding := range Beyond(&Preview{Steps: one.steps}) {
				got = append(got, fmt.Sprint(Step{URN: finding.URN}.Name(), " ", finding.What))
				assert.NotContains(t, finding.What+finding.Why, "debug", "values are told to nobody")
			}
			assert.Equal(t, one.want, got)
		})
	}
}
