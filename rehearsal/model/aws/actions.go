package aws

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// actions.json has the IAM actions of each operation on each type. Those without a source were
// recorded from the real provider (6.34) while it deployed against emulators; each other one names
// the file of the Terraform provider, or the page of AWS's, that it is from.
//
//go:embed actions.json
var actionsJSON []byte

// typeActions are the actions of one type.
type typeActions struct {
	Create, Read, Update, Delete *operationActions
	Tag                          *struct{ Add, Remove string } // where AWS asks for tags apart
}

// operationActions are those of one operation.
type operationActions struct {
	Actions []string
	Source  string
	// With are further actions, by the input that is given (create) or that changes (update,
	// delete: given); "*" is any input that has no entry of its own.
	With map[string]struct {
		Actions []string
		Instead []string // those of the operation that it does not call then
		Source  string
	}
	None string // why the operation calls nothing; only then may it have no actions
}

// actionsByType are the entries of actions.json.
var actionsByType = sync.OnceValues(func() (map[string]*typeActions, error) {
	decoder := json.NewDecoder(strings.NewReader(string(actionsJSON)))
	decoder.DisallowUnknownFields()
	var all map[string]*typeActions
	if err := decoder.Decode(&all); err != nil {
		return nil, fmt.Errorf("read actions.json: %w", err)
	}
	return all, nil
})

// lookUpActions are the actions of the look-ups. Those without any ask nobody: the provider knows
// the answer, or STS gives it to everybody.
var lookUpActions = map[string][]string{
	"aws:index/getCallerIdentity:getCallerIdentity":       {},
	"aws:index/getPartition:getPartition":                 {},
	"aws:index/getRegion:getRegion":                       {},
	"aws:elb/getServiceAccount:getServiceAccount":         {},
	"aws:index/getAvailabilityZones:getAvailabilityZones": {"ec2:DescribeAvailabilityZones"},
	"aws:ec2/getManagedPrefixList:getManagedPrefixList": {"ec2:DescribeManagedPrefixLists",
		"ec2:GetManagedPrefixListEntries"},
	"aws:ec2/getPrefixList:getPrefixList":           {"ec2:DescribePrefixLists"},
	"aws:kms/getKey:getKey":                         {"kms:DescribeKey"},
	"aws:rds/getCluster:getCluster":                 {"rds:DescribeDBClusters"},
	"aws:rds/getClusters:getClusters":               {"rds:DescribeDBClusters"},
	"aws:rds/getClusterSnapshot:getClusterSnapshot": {"rds:DescribeDBClusterSnapshots"},
	"aws:rds/getEngineVersion:getEngineVersion":     {"rds:DescribeDBEngineVersions"},
}

// actionsFor are the actions that an operation calls, sorted.
func actionsFor(r *provider.Request, operation provider.Operation) ([]string, error) {
	if operation == provider.LookingUp {
		actions, known := lookUpActions[r.Type]
		if !known {
			return nil, fmt.Errorf("the model has no actions for the look-up %s: add them to lookUpActions", r.Type)
		}
		return actions, nil
	}
	all, err := actionsByType()
	if err != nil {
		return nil, err
	}
	entry := all[r.Type]
	if entry == nil {
		return nil, fmt.Errorf("the model has no actions for %s: add the type to actions.json", r.Type)
	}
	calls := map[provider.Operation]*operationActions{
		provider.Creating: entry.Create,
		provider.Reading:  entry.Read,
		provider.Updating: entry.Update,
		provider.Deleting: entry.Delete,
	}[operation]
	if operation == provider.Updating && calls == nil && len(touched(r, operation)) == 0 {
		// After a creation that failed half-way, Pulumi updates what it made: without a change, the
		// provider only reads.
		calls = entry.Read
	}
	if calls == nil || len(calls.Actions) == 0 && calls.None == "" {
		return nil, fmt.Errorf("the model has no actions for the %s of %s: add them to actions.json", operation, r.Type)
	}
	actions := map[string]bool{}
	for _, action := range calls.Actions {
		actions[action] = true
	}
	for _, input := range touched(r, operation) {
		more, own := calls.With[input]
		if !own && input != "tags" {
			more = calls.With["*"]
		}
		for _, action := range more.Instead {
			delete(actions, action)
		}
		for _, action := range more.Actions {
			actions[action] = true
		}
	}
	if entry.Tag != nil {
		before, after := tags(r.Old), tagsOf(r)
		if operation == provider.Creating && len(after) > 0 {
			actions[entry.Tag.Add] = true
		}
		if operation == provider.Updating && !maps.Equal(before, after) {
			actions[entry.Tag.Add], actions[entry.Tag.Remove] = true, true
		}
	}
	return slices.Sorted(maps.Keys(actions)), nil
}

// touched are the inputs that an operation is about: those that change, or all that are given.
func touched(r *provider.Request, operation provider.Operation) []string {
	inputs := map[string]bool{}
	for key := range r.Inputs {
		if !resource.IsInternalPropertyKey(key) {
			inputs[string(key)] = true
		}
	}
	if operation == provider.Updating {
		for key := range r.Old.Inputs {
			if !resource.IsInternalPropertyKey(key) {
				inputs[string(key)] = true
			}
		}
		maps.DeleteFunc(inputs, func(name string, _ bool) bool { return !changes(r, name) })
	}
	return slices.Sorted(maps.Keys(inputs))
}

// changes reports whether an update gives an input another value.
func changes(r *provider.Request, input string) bool {
	key := resource.PropertyKey(input)
	return !r.Old.Inputs[key].DeepEquals(r.Inputs[key])
}

// tagsOf are the tags that a request gives, over the provider's default tags.
func tagsOf(r *provider.Request) map[string]string {
	all := maps.Clone(r.Tags)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, r.Inputs.TextMap("tags"))
	return all
}

// tags are those of an object.
func tags(o *cloud.Object) map[string]string {
	if o == nil {
		return nil
	}
	return provider.Values(o.Outputs).TextMap("tagsAll")
}
