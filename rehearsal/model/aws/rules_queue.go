package aws

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

const queueType = "aws:sqs/queue:Queue"

// queueKinds are SQS's queues.
var queueKinds = map[string]*provider.Kind{
	queueType: {
		ID:     "https://sqs.{region}.amazonaws.com/{account}/{name}",
		ARN:    "arn:aws:sqs:{region}:{account}:{name}",
		Naming: provider.Naming{Property: "name", Max: 80},
		Defaults: map[string]any{
			"visibilityTimeoutSeconds":  30.0,
			"messageRetentionSeconds":   345600.0,
			"maxMessageSize":            262144.0,
			"delaySeconds":              0.0,
			"receiveWaitTimeSeconds":    0.0,
			"fifoQueue":                 false,
			"contentBasedDeduplication": false,
		},
		Compute: func(_ *provider.Request, o *provider.Outputs) { o.Set("url", o.Text("id")) },
	},
}

// redrive says where a queue's messages go that cannot be handled.
type redrive struct {
	DeadLetterTargetArn string
	MaxReceiveCount     int
}

// queueRules are about SQS.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
var queueRules = []provider.Rule{
	{
		Name:  "one queue a name",
		Types: []string{queueType},
		When:  provider.OnCreate,
		Why:   "SQS CreateQueue: QueueAlreadyExists, with attributes that differ",
		Check: unique(queueType,
			"QueueAlreadyExists: A queue already exists with the same name and a different value for an attribute: %s"),
	},
	{
		Name:  "a request waits twenty seconds for messages at most",
		Types: []string{queueType},
		When:  provider.OnWrite,
		Why:   "SQS SetQueueAttributes: ReceiveMessageWaitTimeSeconds is 0 to 20",
		Check: func(r *provider.Request) error {
			if seconds, ok := r.Inputs.Number("receiveWaitTimeSeconds"); ok && (seconds < 0 || seconds > 20) {
				return errors.New("InvalidAttributeValue: Invalid value for the parameter " +
					"ReceiveMessageWaitTimeSeconds.")
			}
			return nil
		},
	},
	{
		Name:  "dead letters go to a queue that takes them",
		Types: []string{queueType},
		When:  provider.OnWrite,
		Why: "SQS SetQueueAttributes: RedrivePolicy, RedriveAllowPolicy; the queue of dead letters is one of the " +
			"account and region",
		Check: func(r *provider.Request) error {
			var to redrive
			if text := r.Inputs.Text("redrivePolicy"); text == "" {
				return nil
			} else if err := json.Unmarshal([]byte(text), &to); err != nil {
				return fmt.Errorf("InvalidParameterValue: Value %s for parameter RedrivePolicy is invalid. Reason: "+
					"Redrive policy is not a valid JSON map.", text)
			}
			if to.MaxReceiveCount < 1 || to.MaxReceiveCount > 1000 {
				return fmt.Errorf("InvalidParameterValue: Value for parameter RedrivePolicy is invalid. Reason: "+
					"Invalid value for maxReceiveCount: %d, "+
					"valid values are from 1 to 1000 both inclusive.", to.MaxReceiveCount)
			}
			dead := r.ByARN(to.DeadLetterTargetArn)
			if r.Missing(dead) || dead != nil && (dead.Type != queueType || dead.Region != r.Region) {
				return fmt.Errorf("InvalidParameterValue: Value for parameter RedrivePolicy is invalid. Reason: "+
					"Dead letter target does not exist: %s", to.DeadLetterTargetArn)
			}
			source := "arn:aws:sqs:" + r.Region + ":" + r.Account + ":" + r.Inputs.Text("name")
			if dead != nil && !takesFrom(provider.Values(dead.Outputs), source) {
				return fmt.Errorf("InvalidParameterValue: Value for parameter RedrivePolicy is invalid. Reason: %s "+
					"takes no messages of %s",
					to.DeadLetterTargetArn, source)
			}
			return nil
		},
	},
}

// takesFrom says whether a queue of dead letters takes those of a source. Without a policy it takes
// all.
func takesFrom(dead provider.Values, source string) bool {
	text := dead.Text("redriveAllowPolicy")
	if text == "" {
		return true
	}
	var allowed struct {
		RedrivePermission string
		SourceQueueArns   []string
	}
	if json.Unmarshal([]byte(text), &allowed) != nil {
		return false
	}
	return allowed.RedrivePermission == "allowAll" || slices.Contains(allowed.SourceQueueArns, source)
}
