package stackconfig

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

func TestBadSectionsOfAdoptedObjectsAreRefused(t *testing.T) {
	const vpc = "aws:ec2/vpc:Vpc network-vpc"
	good := func() adopted.Config {
		return adopted.Config{Stage: adopted.Take, Resources: map[string]adopted.Resource{vpc: {ID: "vpc-1"}}}
	}
	assert.Empty(t, checkAdopted(good()))
	for want, change := range map[string]func(*adopted.Config){
		`stage: found "later", want one of "take", "move", "close"`: func(c *adopted.Config) { c.Stage = "later" },
		"stage: found nothing":                       func(c *adopted.Config) { c.Stage = "" },
		"resources: found 0, want 1 or more entries": func(c *adopted.Config) { c.Resources = nil },
		`resources.network-vpc: found "network-vpc", want a resource's type`: func(c *adopted.Config) {
			c.Resources["network-vpc"] = adopted.Resource{ID: "x"}
		},
		`resources["aws:ec2/vpc:Vpc network-vpc"].id`: func(c *adopted.Config) {
			c.Resources[vpc] = adopted.Resource{}
		},
		`frozenUntil: found "take", want one of "move", "close"`: func(c *adopted.Config) {
			c.Resources[vpc] = adopted.Resource{ID: "vpc-1", FrozenUntil: "take"}
		},
		"ignoreChanges.name: found nothing, want the reason why changes of the property are ignored": func(
			c *adopted.Config,
		) {
			c.Resources[vpc] = adopted.Resource{ID: "vpc-1", IgnoreChanges: map[string]string{"name": ""}}
		},
		"an id of its own: aws:ec2/vpc:Vpc network-other has it too": func(c *adopted.Config) {
			c.Resources["aws:ec2/vpc:Vpc network-other"] = adopted.Resource{ID: "vpc-1"}
		},
	} {
		c := good()
		change(&c)
		assert.ErrorContains(t, checkAdopted(c).Err(), want)
	}
}

// Until an adoption is closed, running tasks hold the password and the key that were there.
func TestAnAdoptionUnderWayRotatesNothing(t *testing.T) {
	for want, change := range map[string]func(stacktest.File){
		"bookmark-manager:aurora.masterPasswordRotation: found 2, want 1 until adopted.stage is close": func(
			f stacktest.File,
		) {
			f.Set(t, "aurora", "masterPasswordRotation", 2)
		},
		"bookmark-manager:parameters.jwtRotation: found 2, want 1 until adopted.stage is close": func(
			f stacktest.File,
		) {
			f.Set(t, "parameters", "jwtRotation", 2)
		},
		"bookmark-manager:network.transition: found \"a transition\", want nothing, unless there are " +
			"adopted.resources": func(f stacktest.File) {
			f.Set(t, "adopted", "stage", "close")
		},
		"bookmark-manager:adoptedMasterPassword: found nothing, want a secret": func(f stacktest.File) {
			delete(f, "bookmark-manager:adoptedMasterPassword")
		},
		"bookmark-manager:adoptedJwtSecret: found nothing, want a secret": func(f stacktest.File) {
			delete(f, "bookmark-manager:adoptedJwtSecret")
		},
	} {
		f := stacktest.ReadEveryKey(t)
		_, err := read(t, f)
		require.NoError(t, err)
		change(f)
		_, err = read(t, f)
		assert.ErrorContains(t, err, want)
	}
	// A stack that adopts nothing needs neither.
	f := stacktest.Read(t, "prod")
	delete(f, "bookmark-manager:adoptedMasterPassword")
	delete(f, "bookmark-manager:adoptedJwtSecret")
	_, err := read(t, f)
	require.NoError(t, err)
}
