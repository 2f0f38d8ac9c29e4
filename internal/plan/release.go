package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/names"
)

// Beyond lists what a plan changes beyond a release: anything but the image and the version in the
// containers of a task definition, and which task definition a service, its scheduled tasks or the
// migration run.
// It is in the order of URNs.
func Beyond(p *Preview) []Finding {
	var findings []Finding
	add := func(step Step, what, why string) { findings = append(findings, Finding{step.URN, what, why}) }
	for _, step := range p.changes() {
		switch {
		case step.Op == opCreate:
			add(step, "is created", "a service's first release also makes its scaling and alarms")
		case step.Op == opDelete:
			add(step, "is deleted", "a release takes nothing away")
		case step.Op == opReplace && step.Type() == catalog.TaskDefinition,
			step.Op == opUpdate && step.Type() == catalog.TaskDefinition:
			for _, change := range beyondInputs(step) {
				add(step, "changes in "+change, "a release changes image and version alone")
			}
		case step.Op == opUpdate && step.Type() == catalog.ECSService:
			for _, property := range changed(step) {
				if property != "taskDefinition" {
					add(step, "changes in "+property,
						"a release changes which task definition it runs, and nothing else")
				}
			}
		case step.Op == opUpdate && step.Type() == catalog.Schedule:
			for _, change := range beyondStart(step) {
				add(step, "changes in "+change, "a release changes which task definition it starts, and nothing else")
			}
		default:
			add(step, "has the operation "+step.Op,
				"a release changes task definitions, services and what schedules start alone")
		}
	}
	return findings
}

// changed are the inputs of a step that differ, sorted.
func changed(step Step) []string {
	if step.OldState == nil || step.NewState == nil {
		return []string{"its inputs, which the preview does not show"}
	}
	before, after := step.OldState.chosen(), step.NewState.chosen()
	properties := map[string]bool{}
	for _, inputs := range []map[string]any{before, after} {
		for property := range inputs {
			if !reflect.DeepEqual(before[property], after[property]) {
				properties[property] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(properties))
}

func beyondInputs(step Step) []string {
	var beyond []string
	for _, property := range changed(step) {
		if property != "containerDefinitions" {
			beyond = append(beyond, property)
			continue
		}
		before, errBefore := containers(step.OldState.Inputs[property])
		after, errAfter := containers(step.NewState.Inputs[property])
		if errBefore != nil || errAfter != nil {
			beyond = append(beyond, property+", which cannot be compared")
			continue
		}
		beyond = append(beyond, differences(property, neutral(before), neutral(after))...)
	}
	return beyond
}

// beyondStart are the inputs of a schedule that differ beside the task definition that it starts.
func beyondStart(step Step) []string {
	var beyond []string
	for _, property := range changed(step) {
		if property != "target" {
			beyond = append(beyond, property)
			continue
		}
		beyond = append(beyond, differences(property, startless(step.OldState.Inputs[property]),
			startless(step.NewState.Inputs[property]))...)
	}
	return beyond
}

// startless is a schedule's target without the task definition that it starts.
func startless(target any) any {
	outer, ok := target.(map[string]any)
	if !ok {
		return target
	}
	parameters, ok := outer["ecsParameters"].(map[string]any)
	if !ok {
		return target
	}
	outer, parameters = maps.Clone(outer), maps.Clone(parameters)
	delete(parameters, "taskDefinitionArn")
	outer["ecsParameters"] = parameters
	return outer
}

func containers(input any) (any, error) {
	text, ok := input.(string)
	if !ok {
		return nil, fmt.Errorf("read the containers: found %T, want text", input)
	}
	var all any
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("read the containers: %w", err)
	}
	return all, nil
}

// versionNames are the variables and labels of a container that hold the version.
var versionNames = []string{"SENTRY_RELEASE", "DD_VERSION", "com.datadoghq.tags.version"}

// ofTheStack is in the names of the stack's own repositories. Images of others, such as sidecars',
// are no release's.
const ofTheStack = "/" + names.Project + "-"

// neutral leaves out what a release changes: the digest of an image, and the version.
func neutral(value any) any {
	switch value := value.(type) {
	case map[string]any:
		copied := map[string]any{}
		for key, one := range value {
			repository, _, pinned := strings.Cut(fmt.Sprint(one), "@sha256:")
			name, _ := value["name"].(string)
			switch {
			case key == "image" && pinned && strings.Contains(repository, ofTheStack):
				copied[key] = repository
			case slices.Contains(versionNames, key), key == "value" && slices.Contains(versionNames, name):
				copied[key] = "the version"
			default:
				copied[key] = neutral(one)
			}
		}
		return copied
	case []any:
		copied := make([]any, len(value))
		for i, one := range value {
			copied[i] = neutral(one)
		}
		return copied
	default:
		return value
	}
}

// differences names the places at which two values differ, without the values, which may be secret.
func differences(at string, before, after any) []string {
	if reflect.DeepEqual(before, after) {
		return nil
	}
	switch before := before.(type) {
	case map[string]any:
		if after, ok := after.(map[string]any); ok {
			keys := map[string]bool{}
			maps.Copy(keys, keysOf(before))
			maps.Copy(keys, keysOf(after))
			var all []string
			for _, key := range slices.Sorted(maps.Keys(keys)) {
				all = append(all, differences(at+"."+key, before[key], after[key])...)
			}
			return all
		}
	case []any:
		if after, ok := after.([]any); ok && len(after) == len(before) {
			var all []string
			for i := range before {
				all = append(all, differences(at+"["+label(before[i], i)+"]", before[i], after[i])...)
			}
			return all
		}
	}
	return []string{at}
}

func keysOf(of map[string]any) map[string]bool {
	keys := map[string]bool{}
	for key := range of {
		keys[key] = true
	}
	return keys
}

// label is an entry's name, where it has one, or its place.
func label(entry any, i int) string {
	if named, ok := entry.(map[string]any); ok {
		if name, ok := named["name"].(string); ok {
			return name
		}
	}
	return fmt.Sprint(i)
}
