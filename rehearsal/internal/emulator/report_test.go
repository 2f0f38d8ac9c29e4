package emulator

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/console"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
)

const (
	detector = "urn:pulumi:test::shop::shop:guards:Guards$aws:guardduty/detector:Detector::guards"
	subnet   = "urn:pulumi:test::shop::shop:network:Network$aws:ec2/subnet:Subnet::network-a"
	stack    = "urn:pulumi:test::shop::pulumi:pulumi:Stack::shop-test"

	lacks = "operation error GuardDuty: CreateDetector, https response error StatusCode: 501, RequestID: x, " +
		"api error NotImplemented: no"
	refusal = "operation error EC2: CreateSubnet, https response error StatusCode: 400, RequestID: x, " +
		"api error InvalidSubnet.Range: not in the VPC"
)

func TestTheReportTellsTheEmulatorsFailuresFromTheProgram(t *testing.T) {
	r := &Report{Endpoint: "http://127.0.0.1:4566", Account: "000000000000", Planned: 10, Made: 8}
	r.Add("up", &engine.Result{Problems: []engine.Problem{
		{URN: detector, Message: "provider.go: " + lacks}, {URN: detector, Message: "1 error occurred: " + lacks},
		{URN: subnet, Message: refusal}, {URN: stack, Message: "update failed\n"},
		{Message: "an unhandled error occurred: program failed: \nwaiting for RPCs: resource guards " +
			"[aws:guardduty/detector:Detector] failed to register"},
	}})
	r.Add("teardown", &engine.Result{Problems: []engine.Problem{{URN: detector, Message: lacks}}})
	r.Compare(&engine.Result{Changes: []engine.Change{
		{Op: "create", URN: detector}, {Op: "update", URN: subnet, Diffs: []string{"tags"}},
	}})
	var out bytes.Buffer
	r.Print(console.Plain(&out))
	assert.Equal(t, `
== What the emulator at http://127.0.0.1:4566 could do
Account 000000000000, by its STS. It made 8 of 10 resources of AWS; what waits for one that failed was not tried.
The program, unless the emulator is stricter than AWS: 1
   up  aws:ec2/subnet:Subnet network-a  EC2 CreateSubnet  InvalidSubnet.Range: not in the VPC
The program: the request went past the emulator: 0
Not told apart: 0
The emulator could not: 1
   up  aws:guardduty/detector:Detector guards  GuardDuty CreateDetector  no such operation
The second preview would change what the emulator tells otherwise than it was told: 1
   update  aws:ec2/subnet:Subnet network-a  tags
`, out.String())
	require.EqualError(t, r.Err(),
		"deploy to the emulator at http://127.0.0.1:4566: 1 failures are not the emulator's, as the list says")
}

func TestWhatAnEmulatorLacksIsNoFailureOfTheRun(t *testing.T) {
	r := &Report{Planned: 2, Made: 1}
	r.Add("up", &engine.Result{Problems: []engine.Problem{{URN: detector, Message: lacks}}})
	require.NoError(t, r.Err())

	r.Made = 0
	require.ErrorContains(t, r.Err(), "it made none of 2 resources: this shows nothing")
}
