package aws

import "fmt"

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":` +
	`["backup.amazonaws.com","monitoring.rds.amazonaws.com","vpc-flow-logs.amazonaws.com"]},"Action":"sts:` +
	`AssumeRole"}]}`

func (w *world) role() object { return w.make(roleType, "flow", in{"assumeRolePolicy": trust}) }

func (w *world) logGroup() object { return w.make(logGroupType, "flow", in{"retentionInDays": 30}) }

// flowLog asks for a flow log to CloudWatch Logs, changed by more; nil takes an input away.
func (w *world) flowLog(name string, more in) error {
	inputs := in{"trafficType": "ALL"}
	for key, value := range more {
		inputs[key] = value
	}
	return failed(w.try(flowLogType, name, inputs))
}

func (w *world) goodFlowLog() in {
	return in{
		"vpcId":          w.network().vpc.id,
		"iamRoleArn":     w.trust("flow", "vpc-flow-logs.amazonaws.com"),
		"logDestination": w.logGroup().text("arn"),
	}
}

func changed(inputs in, property string, value any) in {
	inputs[property] = value
	return inputs
}

var logPairs = map[string]pair{
	"one log group a name": {
		want: "ResourceAlreadyExistsException: The specified log group already exists: /ecs/web",
		refuses: func(w *world) error {
			w.make(logGroupType, "first", in{"name": "/ecs/web"})
			return failed(w.try(logGroupType, "second", in{"name": "/ecs/web"}))
		},
		passes: func(w *world) error {
			w.make(logGroupType, "first", in{"name": "/ecs/web"})
			return failed(w.other("us-east-1", account, nil).try(logGroupType, "second", in{"name": "/ecs/web"}))
		},
	},
	"a log group's key lets CloudWatch Logs encrypt": {
		want: "AccessDeniedException: The specified KMS key does not exist or is not allowed to be used with Arn " +
			"'arn:aws:logs:ap-northeast-1:123456789012:log-group:app'",
		refuses: func(w *world) error {
			key := w.make(keyType, "logs", in{"policy": letsIn("logs.us-east-1.amazonaws.com", "")})
			return failed(w.try(logGroupType, "app", in{"name": "app", "kmsKeyId": key.text("arn")}))
		},
		passes: func(w *world) error {
			key := w.make(keyType, "logs", in{
				"policy": letsIn("logs.ap-northeast-1.amazonaws.com",
					`"ArnLike":{"kms:EncryptionContext:aws:logs:arn":"arn:aws:logs:ap-northeast-1:123456789012:`+
						`log-group:*"}`),
			})
			return failed(w.try(logGroupType, "app", in{"name": "app", "kmsKeyId": key.text("arn")}))
		},
	},
	"a log group with a known key": {
		want: "AccessDeniedException: The specified KMS key does not exist or is not allowed to be used with Arn " +
			"'arn:aws:logs:ap-northeast-1:123456789012:log-group:/ecs/web': " +
			"arn:aws:kms:us-east-1:123456789012:key/none",
		refuses: func(w *world) error {
			return failed(w.try(logGroupType, "web",
				in{"name": "/ecs/web", "kmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/none"}))
		},
		passes: func(w *world) error {
			_, err := w.preview(logGroupType, "web", in{"name": "/ecs/web", "kmsKeyId": unknown})
			return err
		},
	},
	"a flow log of one thing": {
		want: "one of [eniId regionalNatGatewayId subnetId transitGatewayAttachmentId transitGatewayId vpcId] " +
			"must be specified, got [subnetId vpcId]",
		refuses: func(w *world) error { return w.flowLog("flow", changed(w.goodFlowLog(), "subnetId", unknown)) },
		passes:  func(w *world) error { return w.flowLog("flow", w.goodFlowLog()) },
	},
	"a flow log says which traffic": {
		want:    "MissingParameter: The request must contain the parameter TrafficType",
		refuses: func(w *world) error { return w.flowLog("flow", changed(w.goodFlowLog(), "trafficType", nil)) },
		passes:  func(w *world) error { return w.flowLog("flow", changed(w.goodFlowLog(), "trafficType", "REJECT")) },
	},
	"a flow log to a log group has a role": {
		want:    "InvalidParameter: DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
		refuses: func(w *world) error { return w.flowLog("flow", changed(w.goodFlowLog(), "iamRoleArn", nil)) },
		passes: func(w *world) error {
			bucket := w.make(bucketType, "flow", in{})
			return w.flowLog("flow", in{
				"vpcId":              w.network().vpc.id,
				"logDestinationType": "s3",
				"logDestination":     bucket.text("arn") + "/vpc",
			})
		},
	},
	"a flow log of a known VPC": {
		want:    "InvalidVpcId.NotFound: The vpc ID 'vpc-none' does not exist",
		refuses: func(w *world) error { return w.flowLog("flow", changed(w.goodFlowLog(), "vpcId", "vpc-none")) },
		passes:  func(w *world) error { return w.flowLog("flow", w.goodFlowLog()) },
	},
	"a flow log of a known subnet": {
		want: "InvalidSubnetId.NotFound: The subnet ID 'subnet-none' does not exist",
		refuses: func(w *world) error {
			return w.flowLog("flow", changed(changed(w.goodFlowLog(), "vpcId", nil), "subnetId", "subnet-none"))
		},
		passes: func(w *world) error {
			inputs := w.goodFlowLog()
			subnet := w.make(subnetType, "more", in{"vpcId": inputs["vpcId"], "cidrBlock": "10.0.9.0/24"})
			return w.flowLog("flow", changed(changed(inputs, "vpcId", nil), "subnetId", subnet.id))
		},
	},
	"a flow log with a known role": {
		want: "InvalidParameter: Unable to assume given IAM role arn:aws:iam::123456789012:role/none: it must exist " +
			"and trust vpc-flow-logs.amazonaws.com",
		refuses: func(w *world) error {
			return w.flowLog("flow", changed(w.goodFlowLog(), "iamRoleArn", "arn:aws:iam::123456789012:role/none"))
		},
		passes: func(w *world) error { return w.flowLog("flow", w.goodFlowLog()) },
	},
	"a flow log to a known destination": {
		want: "LogDestinationNotFoundException: LogDestination: " +
			"arn:aws:logs:ap-northeast-1:123456789012:log-group:none does not exist",
		refuses: func(w *world) error {
			return w.flowLog("flow",
				changed(w.goodFlowLog(), "logDestination", "arn:aws:logs:ap-northeast-1:123456789012:log-group:none"))
		},
		passes: func(w *world) error {
			inputs := w.goodFlowLog()
			return w.flowLog("flow", changed(inputs, "logDestination", inputs["logDestination"].(string)+":*"))
		},
	},
	"one flow log a source and destination": {
		want: "FlowLogAlreadyExists: Error. There is a flow log with the same configuration and log destination: fl-*",
		refuses: func(w *world) error {
			inputs := w.goodFlowLog()
			if err := w.flowLog("first", inputs); err != nil {
				return fmt.Errorf("the first: %w", err)
			}
			return plain(w.flowLog("second", inputs))
		},
		passes: func(w *world) error {
			inputs := w.goodFlowLog()
			if err := w.flowLog("first", inputs); err != nil {
				return err
			}
			more := w.make(logGroupType, "more", in{})
			return w.flowLog("second", changed(inputs, "logDestination", more.text("arn")))
		},
	},
}
