package orphans

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/bookmark-manager/infrastructure/internal/tools"
)

// globalRegion is where the Tagging API answers for what has no region.
const globalRegion = "us-east-1"

// found is what a search came to.
type found struct {
	orphans []string // ARNs, sorted
	pending []string // URNs whose creation was under way when a deploy was killed
	// followers counts what AWS makes of the stack's resources, with their tags: snapshots, tasks.
	followers map[string]int
}

// state is what a search needs of an exported stack. Secrets in it are encrypted.
type state struct {
	Deployment struct {
		Resources         []resource `json:"resources"`
		PendingOperations []struct {
			Type     string   `json:"type"`
			Resource resource `json:"resource"`
		} `json:"pending_operations"`
	} `json:"deployment"`
}

type resource struct {
	URN     string         `json:"urn"`
	Type    string         `json:"type"`
	ID      string         `json:"id"`
	Inputs  map[string]any `json:"inputs"`
	Outputs map[string]any `json:"outputs"`
}

// search compares the account with the stack's state.
func search(ctx context.Context, run tools.Tools, stack string) (*found, error) {
	var s state
	if err := run.Read(ctx, &s, "pulumi", "stack", "export", "--stack", stack); err != nil {
		return nil, err
	}
	regions, tags, err := s.providers(stack)
	if err != nil {
		return nil, err
	}
	known := s.known()
	f := &found{followers: map[string]int{}}
	for _, op := range s.Deployment.PendingOperations {
		if op.Type == "creating" {
			f.pending = append(f.pending, op.Resource.URN)
		}
	}
	seen := map[string]bool{}
	for _, region := range regions {
		arns, err := tagged(ctx, run, region, tags)
		if err != nil {
			return nil, err
		}
		for _, arn := range arns {
			switch follower := followerOf(arn); {
			case seen[arn] || known[arn] || known[lastPart(arn)] && strings.HasPrefix(arn, "arn:aws:ec2:"):
			case follower != "":
				f.followers[follower]++
			default:
				f.orphans = append(f.orphans, arn)
			}
			seen[arn] = true
		}
	}
	slices.Sort(f.orphans)
	return f, nil
}

// providers gives the regions of the stack's AWS providers, with the global one, and the tags that
// they put on all they make.
func (s *state) providers(stack string) (regions []string, tags map[string]string, err error) {
	in := map[string]bool{globalRegion: true}
	for _, r := range s.Deployment.Resources {
		if r.Type != "pulumi:providers:aws" {
			continue
		}
		region, _ := r.Inputs["region"].(string)
		text, _ := r.Inputs["defaultTags"].(string)
		var defaults struct {
			Tags map[string]string `json:"tags"`
		}
		if err := json.Unmarshal([]byte(text), &defaults); err != nil || region == "" || len(defaults.Tags) == 0 {
			return nil, nil, fmt.Errorf("read the provider %s of stack %s: found region %q and default tags %q, "+
				"want both", r.URN, stack, region, text)
		}
		in[region], tags = true, defaults.Tags
	}
	if tags == nil {
		return nil, nil, fmt.Errorf("find the AWS providers of stack %s: its state has none, so nothing in AWS has "+
			"been made from it", stack)
	}
	return slices.Sorted(maps.Keys(in)), tags, nil
}

// known are the ids and ARNs in the state.
func (s *state) known() map[string]bool {
	known := map[string]bool{}
	for _, r := range s.Deployment.Resources {
		known[r.ID] = true
		if arn, ok := r.Outputs["arn"].(string); ok {
			known[arn] = true
		}
	}
	return known
}

// tagged lists what has all of the tags in a region.
func tagged(ctx context.Context, run tools.Tools, region string, tags map[string]string) ([]string, error) {
	args := []string{"resourcegroupstaggingapi", "get-resources", "--region", region, "--output", "json",
		"--tag-filters"}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		args = append(args, "Key="+key+",Values="+tags[key])
	}
	var answer struct {
		ResourceTagMappingList []struct{ ResourceARN string }
	}
	if err := run.Read(ctx, &answer, "aws", args...); err != nil {
		return nil, err
	}
	var arns []string
	for _, one := range answer.ResourceTagMappingList {
		arns = append(arns, one.ResourceARN)
	}
	return arns, nil
}

// write prints what was found, for people.
func (f *found) write(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(table, format, args...) } // Flush returns the error
	if len(f.orphans) == 0 {
		say("Nothing has the stack's tags that is not in its state.\n")
	} else {
		say("With the stack's tags and not in its state: %d\n", len(f.orphans))
	}
	for _, arn := range f.orphans {
		typ, what := advice(arn)
		say("  %s\t%s\t%s\n", arn, typ, what)
	}
	if len(f.pending) > 0 {
		say("Creations that are pending in the state: %d. Deal with what is listed above, then: pulumi refresh "+
			"--clear-pending-creates\n", len(f.pending))
	}
	for _, urn := range f.pending {
		say("  %s\n", urn)
	}
	for _, follower := range slices.Sorted(maps.Keys(f.followers)) {
		say("Left out, made by AWS from the stack's resources: %d %s\n", f.followers[follower], follower)
	}
	return table.Flush()
}
