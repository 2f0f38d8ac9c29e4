package compliance

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// judged is what one control says of a stack, without what is not applicable.
func judged(control Control, resources stackOf) []Result {
	return slices.DeleteFunc(control.judge(&stack{resources: resources}), func(r Result) bool {
		return r.Verdict == NotApplicable
	})
}

func TestEveryControlPassesAndFails(t *testing.T) {
	for _, control := range Controls {
		sample, ok := samples[control.ID]
		if !assert.True(t, ok, "%s has no sample", control.ID) {
			continue
		}
		assert.NotEmpty(t, sample.fails, control.ID)
		for _, resources := range sample.passes {
			results := judged(control, resources)
			assert.NotEmpty(t, results, control.ID)
			for _, one := range results {
				assert.Equal(t, Pass, one.Verdict, "%s: %+v", control.ID, one)
			}
		}
		for why, resources := range sample.fails {
			failed := slices.DeleteFunc(judged(control, resources), func(r Result) bool { return r.Verdict == Pass })
			if assert.Len(t, failed, 1, "%s: %s", control.ID, why) {
				assert.Equal(t, Fail, failed[0].Verdict, "%s: %s", control.ID, why)
				assert.Contains(t, failed[0].Reason, why, control.ID)
			}
		}
	}
	assert.Len(t, samples, len(Controls), "a sample without a control")
}

// blank replaces every value of the resources.
func blank(resources stackOf, with string) stackOf {
	var blanked stackOf
	for _, one := range resources {
		inputs := in{}
		for property := range one.Inputs {
			inputs[property] = with
		}
		one.Inputs, one.Outputs = inputs, in{"arn": with}
		if with == plan.Unknown {
			one.ID = ""
		}
		blanked = append(blanked, one)
	}
	return blanked
}

func TestWhatIsNotKnownNeverPasses(t *testing.T) {
	checked := 0
	for _, control := range Controls {
		for with, want := range map[string]Verdict{plan.Unknown: Unknown, plan.Secret: Hidden} {
			for _, resources := range samples[control.ID].passes {
				if !slices.ContainsFunc(resources, func(s plan.State) bool {
					return slices.Contains(control.Types, s.Type) && len(s.Inputs) > 0
				}) {
					continue // it passes by what is not there
				}
				for _, one := range judged(control, blank(resources, with)) {
					checked++
					if one.Verdict != want && one.Verdict != Fail {
						assert.Equal(t, want, one.Verdict, "%s: %s", control.ID, one.URN)
					}
				}
			}
		}
	}
	assert.Greater(t, checked, len(Controls))
}

func TestAnUnknownBooleanIsNotFalse(t *testing.T) {
	report, err := Evaluate(one(catalog.RDSClusterInstance,
		in{"publiclyAccessible": "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"}), nil)
	require.NoError(t, err)
	assert.Equal(t, Unknown, find(t, report, "RDS.2").Verdict)
}

func TestAPlaceholderWithinAStringIsUnknown(t *testing.T) {
	resources := policyOf(inline[0], in{"Resource": "arn:aws:s3:::" + plan.Unknown + "/*"})
	for _, control := range Controls {
		if slices.Contains(control.Types, inline[0]) {
			results := judged(control, resources)
			require.Len(t, results, 1)
			assert.Equal(t, Unknown, results[0].Verdict, control.ID)
			assert.Contains(t, results[0].Reason, "policy is not known before a deploy")
		}
	}
}
