package faults

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/faults"
)

// some makes n resources of a type.
func some(n int, typ string) []apitype.ResourceV3 {
	var resources []apitype.ResourceV3
	for i := range n {
		resources = append(resources, apitype.ResourceV3{
			URN:    resource.URN(fmt.Sprintf("urn:%s:%d", typ, i)),
			Type:   tokens.Type(typ),
			Custom: true,
		})
	}
	return resources
}

func TestEachResourceMeetsEachKindOnce(t *testing.T) {
	resources := append(some(3, "aws:ec2/vpc:Vpc"), some(2, "random:index/randomId:RandomId")...)
	for _, operation := range faults.Operations {
		met := map[string]map[faults.Kind]int{}
		for _, cycle := range cycles(operation, resources) {
			inCycle, crashes := map[string]bool{}, 0
			for _, fault := range cycle {
				assert.Equal(t, operation, fault.Operation)
				assert.False(t, inCycle[fault.URN], "one fault a cycle: %s", fault.URN)
				inCycle[fault.URN] = true
				if met[fault.URN] == nil {
					met[fault.URN] = map[faults.Kind]int{}
				}
				met[fault.URN][fault.Kind]++
				if fault.Kind.IsCrash() {
					crashes++
				}
			}
			assert.Contains(t, []int{0, len(cycle)}, crashes, "crashes are among themselves")
		}
		for _, r := range resources {
			want := map[faults.Kind]int{}
			for _, kind := range faults.Kinds(operation, providerOf(r)) {
				want[kind] = 1
			}
			assert.Equal(t, want, met[string(r.URN)], "%s of %s", operation, r.URN)
		}
	}
}

func TestACycleMixesTheKinds(t *testing.T) {
	kinds := map[faults.Kind]bool{}
	for _, fault := range cycles(faults.Create, some(6, "aws:ec2/vpc:Vpc"))[0] {
		kinds[fault.Kind] = true
	}
	assert.Len(t, kinds, 6)
}

const secret = `{"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": "\"hunter2\""}`

func TestStateAndCloudAreComparedWithoutTheirWrapping(t *testing.T) {
	o := &cloud.Object{URN: "urn:a", Outputs: cloud.Properties(resource.NewPropertyMapFromMap(map[string]any{
		"password": "hunter2", "ports": []any{80.0, 443.0}, "source": map[string]any{"assetHash": "abc"},
	}))}
	for name, c := range map[string]struct {
		outputs string
		want    []string
	}{
		"equal": {`{"id": "1", "__meta": "x", "password": ` + secret +
			`, "ports": [80, 443], "source": {"4dabf18193072939515e22adb298388d": ` +
			`"c44067f5952c0a294b673a41bacd8c17", "hash": "abc"}}`, nil},
		"another secret": {`{"password": ` +
			string(bytes.Replace([]byte(secret), []byte("hunter2"), []byte("hunter3"), 1)) + `}`,
			[]string{"password differs between state and cloud: urn:a"}},
		"another list":      {`{"ports": [80]}`, []string{"ports differs between state and cloud: urn:a"}},
		"what is not there": {`{"size": 1}`, []string{"size differs between state and cloud: urn:a"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := apitype.ResourceV3{}
			require.NoError(t, json.Unmarshal([]byte(c.outputs), &r.Outputs))
			var got []string
			for _, err := range differences(r, o) {
				got = append(got, err.Error())
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestTheTagIsTakenFromResourcesAndProviders(t *testing.T) {
	for name, c := range map[string]struct {
		before, after string
		tagged        bool
	}{
		"a resource with it": {`{"type": "aws:ec2/vpc:Vpc", "outputs": {"tagsAll": {"ManagedBy": "pulumi", "Name": ` +
			`"main"}}}`, `{"type": "aws:ec2/vpc:Vpc", "outputs": {"tagsAll": {"Name": "main"}}}`, true},
		"one without tags": {`{"type": "aws:ec2/route:Route", "outputs": {}}`,
			`{"type": "aws:ec2/route:Route", "outputs": {}}`, false},
		"a component": {`{"type": "shop:network:Network"}`, `{"type": "shop:network:Network"}`, false},
		"a provider": {
			`{"type": "pulumi:providers:aws", "inputs": {"defaultTags": ` +
				`"{\"tags\":{\"ManagedBy\":\"pulumi\",\"Stack\":\"prod\"}}"}}`,
			`{"type": "pulumi:providers:aws", "inputs": {"defaultTags": "{\"tags\":{\"Stack\":\"prod\"}}"}}`, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var r map[string]any
			require.NoError(t, json.Unmarshal([]byte(c.before), &r))
			tagged, err := untag(r)
			require.NoError(t, err)
			assert.Equal(t, c.tagged, tagged)
			after, err := json.Marshal(r)
			require.NoError(t, err)
			assert.JSONEq(t, c.after, string(after))
		})
	}
}

func TestKillsAreLeftOutWhereTheyCannotBeDone(t *testing.T) {
	nothing := errors.New("there is no /proc")
	for name, c := range map[string]struct {
		only       string
		cannotKill error
		want       []string
		refused    string
	}{
		"on Linux":        {"", nil, Parts, ""},
		"on macOS":        {"", nothing, []string{"create", "update", "delete"}, ""},
		"a part on macOS": {"delete", nothing, []string{"delete"}, ""},
		"a kill on Linux": {"kill-up", nil, []string{"kill-up"}, ""},
		"a kill on macOS": {"kill-up", nothing, nil,
			"run the part kill-up alone: there is no /proc: run it on Linux"},
		"a part that no one knows": {"kills", nil, nil,
			`read the flag --only: found "kills", want one of create, update, kill-up, delete, kill-destroy`},
	} {
		t.Run(name, func(t *testing.T) {
			parts, err := choose(c.only, c.cannotKill)
			assert.Equal(t, c.want, parts)
			if c.refused == "" {
				assert.NoError(t, err)
			} else {
				assert.EqualError(t, err, c.refused)
			}
		})
	}
}

func TestTheReportCountsWhatWasRecovered(t *testing.T) {
	r := newReport("prod")
	r.Resources, r.UpKills = 2, 3
	r.add([]faults.Fault{
		{Operation: faults.Create, URN: "urn:a", Kind: faults.Lost},
		{Operation: faults.Create, URN: "urn:b", Kind: faults.Lost},
	}, 4)
	r.add([]faults.Fault{{Operation: faults.Delete, URN: "urn:a", Kind: faults.Throttled}}, 2)
	r.countWithoutUpdate(map[string]apitype.ResourceV3{
		"urn:a": {Type: "aws:ec2/route:Route"},
		"urn:b": {Type: "aws:ec2/vpc:Vpc"},
	}, some(1, "aws:ec2/vpc:Vpc"))
	r.end(90*time.Second, nil)
	path := filepath.Join(t.TempDir(), "report.json")
	var out bytes.Buffer
	require.NoError(t, r.publish(console.Plain(&out), path))
	for _, want := range []string{
		"throttled                                              0       0       1\n",
		"answer lost                                            2       0       0\n",
		"together                                               2       0       1\n",
		"Faults: 3 on 2 resources, in 6 runs of pulumi up and pulumi destroy\n",
		"Kills:  3 of up, 0 of destroy\n",
		"Cannot be changed in place, and met no failed update: 1 resources of the types\n   aws:ec2/route:Route (1)\n",
		"Result: all of it recovered, in 1m30s\n",
	} {
		assert.Contains(t, out.String(), want)
	}
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var written Report
	require.NoError(t, json.Unmarshal(raw, &written))
	assert.Equal(t, *r, written)

	r.end(time.Second, errors.New("it did not"))
	out.Reset()
	require.NoError(t, r.publish(console.Plain(&out), ""))
	assert.Contains(t, out.String(), "Result: FAILED, in 1.0s\n")
}
