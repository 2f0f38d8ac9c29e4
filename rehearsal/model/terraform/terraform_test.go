package terraform

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/adopt"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

const account = "111122223333"

func original(t *testing.T) []byte {
	t.Helper()
	raw, err := os.ReadFile("../../../internal/adopt/testdata/terraform.tfstate")
	require.NoError(t, err)
	return raw
}

func applied(t *testing.T, state []byte) (*cloud.Cloud, *Production, error) {
	t.Helper()
	c, err := cloud.Open(filepath.Join(t.TempDir(), "cloud.db"))
	require.NoError(t, err)
	p, err := Apply(context.Background(), c, account, state)
	return c, p, err
}

// The model's cloud takes the whole of the original design's production.
func TestTheOriginalDesignIsMade(t *testing.T) {
	c, p, err := applied(t, original(t))
	require.NoError(t, err)
	assert.Len(t, p.Objects, 74)
	all, err := c.List()
	require.NoError(t, err)
	for _, o := range all {
		assert.Empty(t, o.URN, o)
	}
	assert.NotContains(t, string(p.State), "vpc-51b161e058485ef04")
	states, err := adopt.Read("state", p.State)
	require.NoError(t, err)
	assert.Len(t, states.Instances, 74)
	for _, one := range states.Instances {
		if one.Type == "aws_subnet" {
			assert.Equal(t, p.Objects[one.Address][0].ID, one.ID())
		}
	}
}

// Terraform destroys what is left in a state, and not what something else still uses.
func TestWhatIsInUseIsNotDestroyed(t *testing.T) {
	c, p, err := applied(t, original(t))
	require.NoError(t, err)
	require.ErrorContains(t, p.Destroy(context.Background(), c, account, []string{"aws_security_group.alb"}),
		"destroy aws_security_group.alb: ")
	require.NoError(t, p.Destroy(context.Background(), c, account, []string{`aws_cloudwatch_metric_alarm.cpu["api"]`}))
	all, err := c.List()
	require.NoError(t, err)
	for _, o := range all {
		assert.NotEqual(t, p.Objects[`aws_cloudwatch_metric_alarm.cpu["api"]`][0], o.Key)
	}
}

func TestWhatTheModelDoesNotKnowIsRefused(t *testing.T) {
	state := func(typ, attributes, depends string) string {
		return `{"version": 4, "resources": [{"mode": "managed", "type": "` + typ +
			`", "name": "main", "instances": [` +
			`{"attributes": ` + attributes + `, "dependencies": [` + depends + `]}]},` +
			`{"mode": "managed", "type": "aws_eip", "name": "nat", "instances": [` +
			`{"attributes": {"domain": "vpc"}, "dependencies": ["aws_vpc.main"]}]}]}`
	}
	for want, raw := range map[string]string{
		"the model does not know how Terraform makes aws_dynamodb_table": state("aws_dynamodb_table", "{}", ""),
		"the state has no cidr_block":                                    state("aws_vpc", "{}", ""),
		"wait for each other":                                            state("aws_vpc", "{}", `"aws_eip.nat"`),
		"unexpected EOF":                                                 "{",
	} {
		_, _, err := applied(t, []byte(raw))
		require.ErrorContains(t, err, want)
	}
}
