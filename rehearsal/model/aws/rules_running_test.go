package aws

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// started is a service whose tasks have all that they need, but for what a test takes away.
type started struct {
	image   string
	secrets []in
	trusted string   // who may take the roles; ecs-tasks.amazonaws.com when empty
	without string   // an action that the execution role lacks
	exec    []string // what the task role may do, for Exec; nil: Exec is off
	also    []string // what the task role may do beside that
	noTask  bool     // there is no task role
	// how the tasks reach AWS: "nat" when empty, "none", "closed" (no rule lets out), "endpoint",
	// "shut endpoint"
	way string
}

const executes = `"ecr:GetAuthorizationToken","ecr:BatchCheckLayerAvailability","ecr:BatchGetImage","ecr:` +
	`GetDownloadUrlForLayer",` +
	`"ecr:BatchImportUpstreamImage","ecr:CreateRepository",` +
	`"logs:CreateLogStream","logs:PutLogEvents","secretsmanager:GetSecretValue","ssm:GetParameters","kms:Decrypt"`

const execActions = `"ssmmessages:CreateControlChannel","ssmmessages:CreateDataChannel","ssmmessages:` +
	`OpenControlChannel",` +
	`"ssmmessages:OpenDataChannel"`

func (w *world) start(s started) error {
	w.t.Helper()
	h := host{front: w.front()}
	w.make(listenerRuleType, "web", h.rule(nil))
	h.cluster = w.make(ecsClusterType, "main", in{"name": "main"})
	w.make(ecsCapacityType, "main", in{"clusterName": "main", "capacityProviders": []any{"FARGATE"}})
	group := w.group(h.vpc.id, "tasks")
	w.lead(h.network, group, s.way)
	w.make(logGroupType, "web", in{"name": "/ecs/web"})

	if s.trusted == "" {
		s.trusted = ecsTasks
	}
	execution := w.taskRole("execution", s.trusted, strings.Replace(executes, `"`+s.without+`"`, `"x:None"`, 1))
	container := box("web", in{"image": s.image, "portMappings": []in{{"containerPort": 3000}}, "logConfiguration": in{
		"logDriver": "awslogs",
		"options":   in{"awslogs-group": "/ecs/web", "awslogs-region": tokyo, "awslogs-stream-prefix": "web"},
	}})
	if len(s.secrets) > 0 {
		container["secrets"] = s.secrets
	}
	task := in{"executionRoleArn": execution.text("arn")}
	if !s.noTask {
		task["taskRoleArn"] = w.taskRole("task", ecsTasks,
			strings.Join(append(slices.Concat(s.exec, s.also), `"x:None"`), ",")).
			text("arn")
	}
	h.definition = w.make(taskDefinitionType, "web", w.task(task, container))
	return failed(w.try(ecsServiceType, "web", h.service(in{
		"enableExecuteCommand": s.exec != nil,
		"networkConfiguration": in{"subnets": []any{h.private.id, h.other.id}, "securityGroups": []any{group.id}},
	})))
}

// taskRole is a role that a service may take, with these actions.
func (w *world) taskRole(name, service, actions string) object {
	role := w.make(roleType, name, in{
		"name": name,
		"assumeRolePolicy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` +
			service +
			`"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}`,
	})
	w.make(rolePolicyType, name, in{
		"role": role.id,
		"name": "own",
		"policy": `{"Version":"2012-10-17","Statement":[{"Sid":"Own","Effect":"Allow","Action":[` + actions +
			`],"Resource":"*"}]}`,
	})
	return role
}

// lead gives the private subnets a way to AWS.
func (w *world) lead(n network, group object, way string) {
	_, _, nat := w.nat(n)
	table := w.make(routeTableType, "private", in{"vpcId": n.vpc.id})
	for name, subnet := range map[string]object{"a": n.private, "c": n.other} {
		w.make(routeAssociationType, name, in{"routeTableId": table.id, "subnetId": subnet.id})
	}
	if way != "none" {
		w.make(routeType, "nat",
			in{"routeTableId": table.id, "destinationCidrBlock": anyAddress, "natGatewayId": nat.id})
	}
	if way != "closed" {
		w.make(egressRuleType, "out", in{
			"securityGroupId": group.id, "cidrIpv4": anyAddress, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443,
		})
	}
	if !strings.HasSuffix(way, "endpoint") {
		return
	}
	ends := w.group(n.vpc.id, "endpoints")
	w.make(endpointType, "ssm", in{
		"vpcId":             n.vpc.id,
		"serviceName":       "com.amazonaws.ap-northeast-1.ssm",
		"vpcEndpointType":   "Interface",
		"privateDnsEnabled": true,
		"subnetIds":         []any{n.private.id, n.other.id},
		"securityGroupIds":  []any{ends.id},
	})
	if way == "endpoint" {
		w.make(ingressRuleType, "in", in{
			"securityGroupId": ends.id, "cidrIpv4": "10.0.0.0/16", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443,
		})
	}
}

// secret is a container's secret from a parameter that a customer's key encrypts.
func (w *world) secret() []in {
	key := w.make(keyType, "data", nil)
	parameter := w.make(parameterType, "key", in{
		"name":  "/key",
		"type":  "SecureString",
		"value": "x",
		"keyId": key.text("arn"),
	})
	return []in{{"name": "KEY", "valueFrom": parameter.text("arn")}}
}

func (w *world) image() string {
	w.make(repositoryType, "web", in{"name": "web"})
	return ourECR + "web@" + w.push("web")
}

const elsewhere = "public.ecr.aws/x/y:1"

var runningPairs = map[string]pair{
	"ECS may take the roles of a task": {
		want: notSteady +
			"ECS was unable to assume the role 'arn:aws:iam::123456789012:role/execution' that was provided for " +
			"this task. " +
			"Please verify that the role being passed has the proper trust relationship and permissions",
		refuses: func(w *world) error { return w.start(started{image: elsewhere, trusted: "ecs.amazonaws.com"}) },
		passes:  func(w *world) error { return w.start(started{image: elsewhere}) },
	},
	"a task may pull its images": {
		want: notSteady +
			"ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval " +
			"failed: unable " +
			"to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User: " +
			"arn:aws:sts::123456789012:assumed-role/execution/service is not authorized to perform: " +
			"ecr:GetAuthorizationToken because no " +
			"identity-based policy allows the ecr:GetAuthorizationToken action\n(no statement there is about the " +
			"action)",
		refuses: func(w *world) error {
			return w.start(started{image: w.image(), without: "ecr:GetAuthorizationToken"})
		},
		passes: func(w *world) error { return w.start(started{image: w.image()}) },
	},
	"a task may read its secrets": {
		want: notSteady +
			"ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval " +
			"failed: unable " +
			"to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: User: " +
			"arn:aws:sts::123456789012:assumed-role/execution/service is not authorized to perform: " +
			"ssm:GetParameters on resource: " +
			"arn:aws:ssm:ap-northeast-1:123456789012:parameter/key because no identity-based policy allows the " +
			"ssm:GetParameters action\n" +
			"(no statement there is about the action)",
		refuses: func(w *world) error {
			return w.start(started{image: elsewhere, secrets: w.secret(), without: "ssm:GetParameters"})
		},
		passes: func(w *world) error { return w.start(started{image: elsewhere, secrets: w.secret()}) },
	},
	"a task may write its log": {
		want: notSteady +
			"ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: " +
			"failed to " +
			"create Cloudwatch log stream: AccessDeniedException: User: " +
			"arn:aws:sts::123456789012:assumed-role/execution/service is not " +
			"authorized to perform: logs:CreateLogStream on resource: " +
			"arn:aws:logs:ap-northeast-1:123456789012:log-group:/ecs/web:log-stream:x " +
			"because no identity-based policy allows the logs:CreateLogStream action\n(no statement there is about " +
			"the action)",
		refuses: func(w *world) error { return w.start(started{image: elsewhere, without: "logs:CreateLogStream"}) },
		passes:  func(w *world) error { return w.start(started{image: elsewhere}) },
	},
	"the role of a task that Exec enters": {
		want: "InvalidParameterException: The service couldn't be created because a valid taskRoleArn is not being " +
			"used. Specify a valid task " +
			"role in your task definition and try again.",
		refuses: func(w *world) error {
			return w.start(started{image: elsewhere, exec: []string{execActions}, noTask: true})
		},
		passes: func(w *world) error { return w.start(started{image: elsewhere, exec: []string{execActions}}) },
	},
	"a task reaches what it starts from": {
		want: notSteady +
			"ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon " +
			"CloudWatch log group " +
			"defined in the task definition. There is a connection issue between the task and Amazon " +
			"CloudWatch.\n(logs from SUBNET: there is no " +
			"endpoint for it, and no security group of the task lets 443 out to 0.0.0.0/0)",
		refuses: func(w *world) error { return subnetWorded(w.start(started{image: elsewhere, way: "closed"})) },
		passes:  func(w *world) error { return w.start(started{image: elsewhere}) },
	},
}

func subnetWorded(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(subnetID.ReplaceAllString(err.Error(), "SUBNET"))
}

var subnetID = regexp.MustCompile(`subnet-[0-9a-f]{17}`)

// TestWhatKeepsTasksFromStarting are the other ways in which a task misses something.
const stripe = "arn:aws:secretsmanager:" + tokyo + ":" + account + ":secret:stripe-a1B2c3"

func TestATaskReadsItsSecretsOfSecretsManager(t *testing.T) {
	secrets := []in{{"name": "STRIPE_KEY", "valueFrom": stripe + ":live::"}}
	assert.NoError(t, newWorld(t).start(started{image: elsewhere, secrets: secrets}))
	assert.NoError(t, newWorld(t).start(started{image: elsewhere, secrets: secrets, without: "ssm:GetParameters"}),
		"they are no parameters")
	assert.ErrorContains(t,
		newWorld(t).start(started{image: elsewhere, secrets: secrets, without: "secretsmanager:GetSecretValue"}),
		"failed to fetch secret "+stripe+" from secrets manager: AccessDeniedException: User: "+
			"arn:aws:sts::123456789012:assumed-role/execution/service is not authorized to perform: "+
			"secretsmanager:GetSecretValue")
	assert.ErrorContains(t, newWorld(t).start(started{image: elsewhere, secrets: secrets, way: "none"}),
		"There is a connection issue between the task and AWS Secrets Manager.")
}

func TestWhatKeepsTasksFromStarting(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		start func(w *world) started
		want  string
	}{
		"an image that it may not read": {
			func(w *world) started { return started{image: w.image(), without: "ecr:BatchGetImage"} },
			"CannotPullContainerError: pull image manifest has been retried 1 time(s): AccessDeniedException: ",
		},
		"an image of a repository whose policy keeps it out": {
			func(w *world) started {
				image := w.image()
				w.make(repositoryPolicyType, "web", in{
					"repository": "web",
					"policy": `{"Version":"2012-10-17","Statement":[{"Sid":"NoPulls","Effect":"Deny","Principal":"*",` +
						`"Action":"ecr:BatchGetImage"}]}`,
				})
				return started{image: image}
			},
			`(statement "NoPulls" of the policy of repository web denies it)`,
		},
		"a secret that it may not decrypt": {
			func(w *world) started { return started{image: elsewhere, secrets: w.secret(), without: "kms:Decrypt"} },
			"is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:",
		},
		"no way to the internet": {
			func(*world) started { return started{image: elsewhere, way: "none"} }, "has no way to the internet",
		},
		"an endpoint that lets nobody in": {
			func(w *world) started { return started{image: elsewhere, secrets: w.secret(), way: "shut endpoint"} },
			"lets 443 in from the task",
		},
		"an endpoint": {
			func(w *world) started { return started{image: elsewhere, secrets: w.secret(), way: "endpoint"} }, "",
		},
		"Exec without its channels": {
			func(*world) started {
				return started{image: elsewhere, exec: []string{`"ssmmessages:OpenDataChannel"`}}
			},
			"TargetNotConnectedException: the agent of ECS Exec does not connect: AccessDeniedException: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			err := w.start(test.start(w))
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, test.want)
		})
	}
}
