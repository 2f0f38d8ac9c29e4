package adopt

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// taken is a state of stage take, shortened: the VPC and a record are Terraform's, the group and
// the subnet stand beside, in the VPC.
const taken = `{"version": 3, "deployment": {"manifest": {"time": "2026-01-01"}, "resources": [
	{"urn": "urn:pulumi:prod::b::pulumi:pulumi:Stack::b-prod", "type": "pulumi:pulumi:Stack"},
	{"urn": "urn:pulumi:prod::b::pulumi:providers:aws::aws", "type": "pulumi:providers:aws", "custom": true, "id": "p"},
	{"urn": "urn:pulumi:prod::b::aws:ec2/vpc:Vpc::network-vpc", "type": "aws:ec2/vpc:Vpc", "custom": true,
		"id": "vpc-1", "protect": true, "parent": "urn:pulumi:prod::b::pulumi:pulumi:Stack::b-prod"},
	{"urn": "urn:pulumi:prod::b::aws:route53/record:Record::certificates-example.com",
		"type": "aws:route53/record:Record", "custom": true, "id": "Z_x_CNAME"},
	{"urn": "urn:pulumi:prod::b::aws:ec2/subnet:Subnet::network-database-1", "type": "aws:ec2/subnet:Subnet",
		"custom": true, "id": "subnet-0123abcd", "protect": true, "sequence": 12345678901234567890,
		"parent": "urn:pulumi:prod::b::aws:ec2/vpc:Vpc::network-vpc",
		"deletedWith": "urn:pulumi:prod::b::aws:ec2/vpc:Vpc::network-vpc",
		"dependencies": ["urn:pulumi:prod::b::pulumi:providers:aws::aws",
			"urn:pulumi:prod::b::aws:ec2/vpc:Vpc::network-vpc"],
		"propertyDependencies": {"vpcId": ["urn:pulumi:prod::b::aws:ec2/vpc:Vpc::network-vpc"], "cidrBlock": []}}
]}}`

func TestWhatWasMadeIsTheStateWithoutWhatWasAdopted(t *testing.T) {
	a := Match(production(t), original(t), Accepted{})
	state, n, err := a.Made([]byte(taken))
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	const stack = "urn:pulumi:prod::b::pulumi:pulumi:Stack::b-prod"
	assert.JSONEq(t, `{"version": 3, "deployment": {"manifest": {"time": "2026-01-01"}, "resources": [
		{"urn": "`+stack+`", "type": "pulumi:pulumi:Stack"},
		{"urn": "urn:pulumi:prod::b::pulumi:providers:aws::aws", "type": "pulumi:providers:aws", "custom": true,
			"id": "p"},
		{"urn": "urn:pulumi:prod::b::aws:ec2/subnet:Subnet::network-database-1", "type": "aws:ec2/subnet:Subnet",
			"custom": true, "id": "subnet-0123abcd", "sequence": 12345678901234567890, "parent": "`+stack+`",
			"dependencies": ["urn:pulumi:prod::b::pulumi:providers:aws::aws"],
			"propertyDependencies": {"vpcId": [], "cidrBlock": []}}
	]}}`, string(state))
	assert.Contains(t, string(state), "12345678901234567890", "no number is rounded")
}

func TestAWrongStateIsNotTakenForThatOfStageTake(t *testing.T) {
	a := Match(production(t), original(t), Accepted{})
	change := func(old, by string) string { return strings.Replace(taken, old, by, 1) }
	for want, state := range map[string]string{
		"read the exported state: unexpected EOF": taken[:200],
		"found version 4 with 5 resources":        change(`"version": 3`, `"version": 4`),
		"found version 3 with 0 resources":        `{"version": 3, "deployment": {}}`,
		"it has 1 pending operations":             change(`"resources"`, `"pending_operations": [{}], "resources"`),
		"it has none of them, want the state of": strings.NewReplacer("network-vpc", "x", "s-example.com", "x").
			Replace(taken),
		"network-other is vpc-1, which was adopted": change("\n]}}",
			`,{"urn": "urn:network-other", "type": "aws:ec2/vpc:Vpc", "custom": true, "id": "vpc-1"}]}}`),
		"network-vpc uses urn:pulumi:prod::b::aws:ec2/subnet:Subnet::network-database-1, which was made": change(
			`"id": "vpc-1", "protect"`,
			`"id": "vpc-1", "outputs": {"x": [{"subnetIds": ["subnet-0123abcd"]}]}, "protect"`),
	} {
		_, _, err := a.Made([]byte(state))
		assert.ErrorContains(t, err, want)
	}
}

func TestRemovedBlocksNameWholeResources(t *testing.T) {
	states := original(t)
	states[0].Instances[0].Address = `module.cdn["a"].` + states[0].Instances[0].Address
	text := string(Match(production(t), states, Accepted{}).Removed())
	assert.Contains(t, text, "removed {\n  from = aws_subnet.public\n  lifecycle {\n    destroy = false\n  }\n}\n")
	assert.Equal(t, 1, strings.Count(text, "from = aws_subnet.public\n"), "once for all its instances")
	assert.NotRegexp(t, `from = .*\[`, text, "Terraform refuses the key of an instance there")
	assert.NotContains(t, text, "from = aws_iam_role.ecs\n", "it stays, and Terraform destroys it")

	mixed := &Adoption{Rows: []Row{
		{Fate: Adopted, File: "f", Address: `aws_x.y["a.b[0]"]`},
		{Fate: LeftToTerraform, File: "f", Address: "aws_x.y[1]"},
	}}
	assert.Contains(t, string(mixed.Removed()), "# aws_x.y: some of its objects stay; release the others with")
	assert.NotContains(t, string(mixed.Removed()), "removed {")
}

func TestTheWayBackAsksForBothFiles(t *testing.T) {
	world(t, asItIs)
	code, _, problems := called(t, "--stack", "prod", "--state", "state", "--exported", "taken.json")
	assert.Equal(t, 2, code)
	assert.Contains(t, problems, "read the flags --exported and --made: found one of them")
	code, _, problems = called(t, "--stack", "prod", "--state", "state", "--exported", "none", "--made", "made.json")
	assert.NotZero(t, code)
	assert.Contains(t, problems, "read the exported state: open none")
	assert.NoFileExists(t, "made.json")
}
