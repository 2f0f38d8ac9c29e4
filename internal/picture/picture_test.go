package picture

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// stack is a plan in the making: components by name, and resources in them.
type stack []plan.State

const urnPrefix = "urn:pulumi:test::bookmark-manager::"

func (s *stack) component(typ, name string) {
	*s = append(*s, plan.State{
		URN:    urnPrefix + componentPrefix + typ + "::" + name,
		Type:   componentPrefix + typ,
		Parent: urnPrefix + "pulumi:pulumi:Stack::test",
	})
}

// add puts a resource into the last component. The URNs that feed it follow the name of the input
// that they feed.
func (s *stack) add(typ, name string, inputs map[string]any, feeds ...string) string {
	parent := ""
	for _, one := range *s {
		if !one.Custom {
			parent = one.URN
		}
	}
	from := map[string][]string{}
	for i := 0; i+1 < len(feeds); i += 2 {
		from[feeds[i]] = append(from[feeds[i]], feeds[i+1])
	}
	urn := urnPrefix + typ + "::" + name
	*s = append(*s, plan.State{
		URN:                  urn,
		Type:                 typ,
		Custom:               true,
		Parent:               parent,
		Inputs:               inputs,
		PropertyDependencies: from,
	})
	return urn
}

type m = map[string]any

// small is a balancer before two services, one of which calls the other and its database. Names do
// not sort as calls go.
func small() stack {
	var s stack
	s.component("network:Network", "network")
	s.add("aws:ec2/vpc:Vpc", "network-vpc", m{"cidrBlock": "10.0.0.0/16"})
	s.add(catalog.Subnet, "network-public-a", m{"cidrBlock": "10.0.1.0/24", "availabilityZone": "a"})
	group := map[string]string{}
	for _, name := range []string{"alb", "task-a-back", "task-front", "database"} {
		group[name] = s.add("aws:ec2/securityGroup:SecurityGroup", "network-"+name, nil)
	}
	flow := func(from, to string, port float64) {
		ports := m{"ipProtocol": "tcp", "fromPort": port, "toPort": port}
		s.add("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", from+"-out-"+to, ports, "securityGroupId",
			group[from], "referencedSecurityGroupId", group[to])
		s.add("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", to+"-in-"+from, ports, "securityGroupId",
			group[to], "referencedSecurityGroupId", group[from])
	}
	flow("alb", "task-front", 3000)
	flow("task-front", "task-a-back", 3001)
	flow("task-a-back", "database", 5432)
	s.component("compute:LoadBalancer", "load-balancer")
	s.add("aws:lb/loadBalancer:LoadBalancer", "load-balancer", nil, "securityGroups", group["alb"])
	s.component("observability:Sentry", "sentry")
	key := s.add("sentry:index/sentryKey:SentryKey", "sentry-key", nil)
	s.component("data:Parameters", "parameters")
	dsn := s.add("aws:ssm/parameter:Parameter", "parameters-dsn",
		m{"name": "/x/SENTRY_DSN", "type": "SecureString", "value": "[secret]"}, "value", key)
	s.component("compute:Cluster", "cluster")
	s.add("aws:ecs/cluster:Cluster", "cluster", nil)
	for _, name := range []string{"a-back", "front"} {
		s.component("compute:Service", name)
		s.add("aws:ecs/service:Service", name, nil, "networkConfiguration", group["task-"+name])
		if name == "front" {
			s.add(catalog.TaskDefinition, name, m{"cpu": "256", "memory": "512"}, "containerDefinitions", dsn)
			s.add("aws:appautoscaling/target:Target", name, m{"minCapacity": 1.0, "maxCapacity": 3.0})
		}
	}
	s.component("data:AuroraCluster", "aurora")
	s.add("aws:rds/cluster:Cluster", "aurora-cluster", m{
		"engine": "aurora-postgresql", "engineVersion": "17.7", "backupRetentionPeriod": plan.Unknown,
		"serverlessv2ScalingConfiguration": m{"minCapacity": 0.5, "maxCapacity": 16.0},
	}, "vpcSecurityGroupIds", group["database"])
	s.component("other:Thing", "unforeseen")
	s.add("aws:x/y:Z", "unforeseen-<z>", nil)
	return s
}

func draw(t *testing.T, s stack) *Picture {
	t.Helper()
	p, err := Of("test", s)
	require.NoError(t, err)
	return p
}

func box(t *testing.T, p *Picture, id string) Box {
	t.Helper()
	for _, one := range p.Boxes {
		if one.ID == id {
			return one
		}
	}
	require.Fail(t, "no box", id)
	return Box{}
}

func TestEveryResourceIsCountedOnce(t *testing.T) {
	s, total, want := small(), 0, 0
	p := draw(t, s)
	for _, one := range p.Boxes {
		total += one.Count
	}
	for _, one := range p.Frames {
		total += one.Count
	}
	for _, one := range s {
		if one.Custom {
			want++
		}
	}
	assert.Equal(t, want, total)
	assert.Equal(t, fmt.Sprintf("%d resources in 9 components", want), p.Subtitle)
	assert.Equal(t, 1, box(t, p, "component unforeseen").Count, "a component that nobody foresaw has a box too")
}

func TestFactsAreThoseOfThePlan(t *testing.T) {
	p := draw(t, small())
	assert.Equal(t, []string{"1 to 3 tasks", "0.25 vCPU, 0.5 GiB"}, box(t, p, "service front").Facts)
	assert.Equal(t, []string{"no image yet"}, box(t, p, "service a-back").Facts)
	assert.Equal(t, []string{"PostgreSQL 17", "Serverless v2, 0.5 to 16 ACU"}, box(t, p, "aurora").Facts,
		"what is not known yet has no line")
	assert.Equal(t, []string{"1 parameter", "1 SecureString"}, box(t, p, "parameters").Facts)
	assert.Equal(t, []string{"10.0.1.0/24"}, p.Frames[inPublic].Facts)
}

func TestArrowsFollowRulesAndDependencies(t *testing.T) {
	p := draw(t, small())
	assert.Equal(t, []Arrow{
		{From: "balancer", To: "service front", Label: "3000"},
		{From: "service a-back", To: "aurora", Label: "5432"},
		{From: "service front", To: "service a-back", Label: "3001"},
		{From: tasks, To: "parameters", Label: "secrets (front)", Uses: true},
		{From: tasks, To: "sentry", Label: "SENTRY_DSN (front)", Uses: true},
	}, p.Arrows)
}

func TestARuleOnOneSideAloneIsNoArrow(t *testing.T) {
	var s stack
	for _, one := range small() {
		if !strings.HasSuffix(one.URN, "::database-in-task-a-back") {
			s = append(s, one)
		}
	}
	for _, one := range draw(t, s).Arrows {
		assert.NotEqual(t, "aurora", one.To)
	}
}

func TestAQueueStandsBesideWithWhoUsesIt(t *testing.T) {
	s := small()
	s.component("compute:Queues", "queues")
	queue := s.add(catalog.Queue, "queues-back", nil)
	s.component("compute:Service", "sender")
	s.add(catalog.TaskDefinition, "sender", m{"cpu": "256", "memory": "512"}, "containerDefinitions", queue)
	p := draw(t, s)
	assert.Equal(t, "SQS", box(t, p, "queues").Title)
	assert.Contains(t, p.Arrows, Arrow{From: tasks, To: "queues", Label: "messages (sender)", Uses: true})
}

func TestCallersStandBeforeThoseTheyCall(t *testing.T) {
	l := lay(draw(t, small()))
	assert.Less(t, l.boxes["service front"].x, l.boxes["service a-back"].x)
}

func TestNothingOverlaps(t *testing.T) {
	s := small()
	for _, name := range []string{"c", "d", "e"} { // a second row of services
		s.component("compute:Service", name)
		s.add("aws:ecs/service:Service", name, nil)
	}
	l := lay(draw(t, s))
	for id, a := range l.boxes {
		for other, b := range l.boxes {
			inside := id == tasks || other == tasks
			apart := a.right() <= b.x || b.right() <= a.x || a.bottom() <= b.y || b.bottom() <= a.y
			assert.True(t, id == other || inside || apart, "%s and %s", id, other)
		}
		assert.LessOrEqual(t, a.right(), width)
		assert.LessOrEqual(t, a.bottom(), l.height)
	}
}

// elements are the names of a document's elements, and its text. It fails when the document is not
// well formed.
func elements(t *testing.T, document []byte) (names map[string]int, text string) {
	t.Helper()
	names = map[string]int{}
	decoder := xml.NewDecoder(strings.NewReader(string(document)))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return names, text
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			names[token.Name.Local]++
		case xml.CharData:
			text += string(token)
		}
	}
}

func TestTheSVGIsWellFormedAndStandsAlone(t *testing.T) {
	s := small()
	s.component("other:Thing", "<b>&")
	s.add("aws:x/y:Z", "z", nil)
	p := draw(t, s)
	names, text := elements(t, p.SVG())
	assert.Equal(t, len(p.Arrows)+2, names["polyline"], "every arrow, and two in the legend")
	assert.Contains(t, text, "<b>&")
	assert.Zero(t, names["image"]+names["script"]+names["b"])
	assert.NotRegexp(t, `href|url\([^#]|@import`, string(p.SVG()))
}

func TestTheSamePlanGivesTheSamePicture(t *testing.T) {
	first := draw(t, small())
	for range 20 {
		again := draw(t, small())
		require.Equal(t, string(first.SVG()), string(again.SVG()))
		require.Equal(t, string(first.DOT()), string(again.DOT()))
	}
}

func TestDOTNamesEveryBoxAndArrow(t *testing.T) {
	p := draw(t, small())
	dot := string(p.DOT())
	assert.Equal(t, strings.Count(dot, "{"), strings.Count(dot, "}"))
	assert.Equal(t, len(p.Arrows), strings.Count(dot, " -> "))
	for _, one := range p.Boxes {
		assert.Contains(t, dot, `"`+one.ID+`" [label="`)
	}
	assert.Contains(t, dot, `"service front" -> "sentry" [label="SENTRY_DSN (front)", ltail=cluster_tasks`)
}

// The first deploy of a new stack is its zone alone.
func TestAStackWithoutANetworkHasNoVPC(t *testing.T) {
	var s stack
	s.component("edge:Zone", "zone")
	s.add("aws:route53/zone:Zone", "zone-zone", m{"name": "example.com"})
	_, text := elements(t, draw(t, s).SVG())
	assert.Contains(t, text, "example.com")
	for _, absent := range []string{"VPC", "subnets", "ECS", "External"} {
		assert.NotContains(t, text, absent)
	}
}

func TestRefusesAnEmptyPlan(t *testing.T) {
	_, err := Of("test", nil)
	assert.ErrorContains(t, err, `draw stack "test": its plan has no resources`)
}

func TestCount(t *testing.T) {
	for want, got := range map[string][]string{
		"1 key":          count(1, "key"),
		"2 keys":         count(2, "key"),
		"2 repositories": count(2, "repository"),
		"3 gateways":     count(3, "gateway"),
		"2 policies":     count(2, "policy"),
		"4 queries":      count(4, "query"),
	} {
		assert.Equal(t, []string{want}, got)
	}
	assert.Empty(t, count(0, "key"))
}
