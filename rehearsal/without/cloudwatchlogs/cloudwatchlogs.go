// Package cloudwatchlogs stands in for the client of CloudWatch Logs of the same import path, with
// which `pulumi logs` reads the logs of Lambda functions and log groups.
package cloudwatchlogs

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

var errLeftOut = errors.New("the Pulumi CLI that the rehearsal builds leaves out the logs of CloudWatch (pulumi logs): " +
	"put Pulumi's own CLI on the PATH (https://www.pulumi.com/docs/install/)")

// Client is one that nothing makes.
type Client struct{}

// NewFromConfig ends the CLI: it has no error to return, and one of NextPage the CLI shows nobody.
func NewFromConfig(any) *Client {
	fmt.Fprintln(os.Stderr, "error:", errLeftOut)
	os.Exit(1)
	return nil
}

// FilterLogEventsInput says which events.
type FilterLogEventsInput struct {
	LogGroupName       *string
	StartTime, EndTime *int64
}

// FilterLogEventsOutput is a page of events.
type FilterLogEventsOutput struct{ Events []types.FilteredLogEvent }

// FilterLogEventsPaginator goes through no pages.
type FilterLogEventsPaginator struct{}

// NewFilterLogEventsPaginator makes one.
func NewFilterLogEventsPaginator(*Client, *FilterLogEventsInput) *FilterLogEventsPaginator {
	return &FilterLogEventsPaginator{}
}

// HasMorePages says that there is none.
func (*FilterLogEventsPaginator) HasMorePages() bool { return false }

// NextPage refuses.
func (*FilterLogEventsPaginator) NextPage(context.Context) (*FilterLogEventsOutput, error) {
	return nil, errLeftOut
}
