package aws

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// ecsTasks is who takes the roles of a task.
const ecsTasks = "ecs-tasks.amazonaws.com"

// notSteady is how a deploy ends whose tasks do not start: the circuit breaker rolls it back, and
// the provider has waited for the steady state in vain.
const notSteady = "waiting for ECS Service to reach a steady state: tasks failed to start: "

// startsTasks are the types that have ECS start tasks.
var startsTasks = []string{ecsServiceType, scheduleType}

// failedStart is what becomes of tasks that do not start. Of a schedule's nobody hears: AWS takes
// the schedule, and the model says at once what would happen at its time.
func failedStart(r *provider.Request) string {
	if r.Type == scheduleType {
		return "EventBridge Scheduler starts a task for " + r.Inputs.Text("name") + ", and it fails to start: "
	}
	return notSteady
}

// runningRules are about what tasks need to start, of the roles that they run with. ECS finds it
// when it starts the first one.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
var runningRules = []provider.Rule{
	{
		Name:  "ECS may take the roles of a task",
		Types: startsTasks,
		When:  provider.OnWrite,
		Why:   "ECS task-iam-roles: ECS was unable to assume the role",
		Check: func(r *provider.Request) error {
			task, known := taskOf(r)
			if !known {
				return nil
			}
			for _, arn := range []string{task.Text("executionRoleArn"), task.Text("taskRoleArn")} {
				role := r.ByARN(arn)
				if role == nil || role.Type != roleType {
					continue // another rule's
				}
				if err := roleTrusts(r, role, ecsTasks); err != nil {
					return fmt.Errorf("%sECS was unable to assume the role '%s' that was provided for this task. "+
						"Please verify that the role "+
						"being passed has the proper trust relationship and permissions\n%w", failedStart(r), arn, err)
				}
			}
			return nil
		},
	},
	{
		Name:  "a task may pull its images",
		Types: startsTasks,
		When:  provider.OnWrite,
		Why:   "ECS task_execution_IAM_role; stopped task errors: ResourceInitializationError",
		Check: func(r *provider.Request) error {
			return eachStart(r, func(role *cloud.Object, c taskContainer) error {
				name, ours := strings.CutPrefix(c.Image, registry(r.Account, r.Region)+"/")
				if !ours {
					return nil
				}
				name, _, _ = strings.Cut(name, "@")
				name, _, _ = strings.Cut(name, ":")
				repository := "arn:aws:ecr:" + r.Region + ":" + r.Account + ":repository/" + name
				if err := roleMay(r, role, "ecr:GetAuthorizationToken", anything, nil); err != nil {
					return fmt.Errorf("%sResourceInitializationError: unable to pull secrets or registry auth: "+
						"execution resource retrieval "+
						"failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): %w",
						failedStart(r), err)
				}
				pulls := []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}
				if cachedFrom(r, name) != nil {
					pulls = append(pulls, "ecr:BatchImportUpstreamImage")
					if r.Missing(r.Find(repositoryType, name)) {
						pulls = append(pulls, "ecr:CreateRepository")
					}
				}
				for _, action := range pulls {
					if err := roleMay(r, role, action, repository, nil); err != nil {
						return fmt.Errorf("%sCannotPullContainerError: pull image manifest has been retried 1 "+
							"time(s): %w", failedStart(r), err)
					}
				}
				return nil
			})
		},
	},
	{
		Name:  "a task may read its secrets",
		Types: startsTasks,
		When:  provider.OnWrite,
		Why: "ECS secrets-envvar-ssm-paramstore, secrets-envvar-secrets-manager; stopped task errors: " +
			"ResourceInitializationError",
		Check: func(r *provider.Request) error {
			return eachStart(r, func(role *cloud.Object, c taskContainer) error {
				for _, secret := range c.Secrets {
					if managed := managedSecret(secret.ValueFrom); managed != "" {
						if err := roleMay(r, role, "secretsmanager:GetSecretValue", managed, nil); err != nil {
							return fmt.Errorf("%sResourceInitializationError: unable to pull secrets or registry "+
								"auth: execution resource retrieval "+
								"failed: unable to retrieve secret from asm: service call has been retried 1 "+
								"time(s): failed to fetch secret %s from "+
								"secrets manager: %w", failedStart(r), managed, err)
						}
						continue
					}
					parameter := r.ByARN(secret.ValueFrom)
					if parameter == nil || parameter.Type != parameterType {
						continue // another rule's
					}
					if err := mayReadParameter(r, role, parameter); err != nil {
						return fmt.Errorf("%sResourceInitializationError: unable to pull secrets or registry auth: "+
							"execution resource retrieval "+
							"failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): %w",
							failedStart(r), err)
					}
				}
				return nil
			})
		},
	},
	{
		Name:  "a task may write its log",
		Types: startsTasks,
		When:  provider.OnWrite,
		Why:   "ECS using_awslogs; stopped task errors: ResourceInitializationError",
		Check: func(r *provider.Request) error {
			return eachStart(r, func(role *cloud.Object, c taskContainer) error {
				group := c.LogConfiguration.Options["awslogs-group"]
				if c.LogConfiguration.LogDriver != "awslogs" || group == "" {
					return nil
				}
				stream := "arn:aws:logs:" + r.Region + ":" + r.Account + ":log-group:" + group + ":log-stream:x"
				for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
					if err := roleMay(r, role, action, stream, nil); err != nil {
						return fmt.Errorf("%sResourceInitializationError: failed to validate logger args: create "+
							"stream has been retried 1 times: "+
							"failed to create Cloudwatch log stream: %w", failedStart(r), err)
					}
				}
				return nil
			})
		},
	},
	{
		Name:  "a user that a container can have",
		Types: startsTasks,
		When:  provider.OnWrite,
		Why: "ECS ContainerDefinition: user; the runtime: uids and gids must be in range 0-2147483647 " +
			"(CannotStartContainerError)",
		Check: func(r *provider.Request) error {
			task, known := taskOf(r)
			if !known {
				return nil
			}
			containers, err := containersOf(task)
			if err != nil {
				return fmt.Errorf("read the containers of the task definition: %w", err)
			}
			for _, c := range containers {
				for part := range strings.SplitSeq(c.User, ":") {
					_, err := strconv.ParseInt(part, 10, 32)
					if errors.Is(err, strconv.ErrRange) || strings.HasPrefix(part, "-") {
						return fmt.Errorf("%sCannotStartContainerError: uids and gids must be in range 0-%d: %s",
							failedStart(r), math.MaxInt32, c.User)
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "the role of a task that Exec enters",
		Types: []string{ecsServiceType},
		When:  provider.OnWrite,
		Why: "ECS CreateService: InvalidParameterException without a task role; ecs-exec: the agent's channels " +
			"are the task role's",
		Check: func(r *provider.Request) error {
			task, known := taskOf(r)
			if !known || !r.Inputs.Is("enableExecuteCommand", false) {
				return nil
			}
			role := r.ByARN(task.Text("taskRoleArn"))
			if role == nil {
				return fmt.Errorf("InvalidParameterException: The service couldn't be created because a valid " +
					"taskRoleArn is not being used. " +
					"Specify a valid task role in your task definition and try again.")
			}
			for _, action := range []string{
				"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
				"ssmmessages:OpenDataChannel",
			} {
				if err := roleMay(r, role, action, anything, nil); err != nil {
					return fmt.Errorf("TargetNotConnectedException: the agent of ECS Exec does not connect: %w", err)
				}
			}
			return nil
		},
	},
}

// taskOf are the inputs of the task definition that a service or a schedule starts. It is not known
// in previews.
func taskOf(r *provider.Request) (provider.Values, bool) {
	if r.Preview {
		return nil, false
	}
	definition := r.ByARN(r.Inputs.Text("taskDefinition"))
	if r.Type == scheduleType {
		family := r.Inputs.Object("target").Object("ecsParameters").Text("taskDefinitionArn")
		if family == "" {
			return nil, false
		}
		definition = latestOf(r, family)
	}
	if definition == nil {
		return nil, false
	}
	return provider.Values(definition.Inputs), true
}

// placeOf is where the tasks of a service or a schedule are started.
func placeOf(r *provider.Request) provider.Values {
	if r.Type == scheduleType {
		return r.Inputs.Object("target").Object("ecsParameters").Object("networkConfiguration")
	}
	return r.Inputs.Object("networkConfiguration")
}

// eachStart asks about every container of a task with the role that starts it. A task without
// one is other rules'.
func eachStart(r *provider.Request, ask func(role *cloud.Object, c taskContainer) error) error {
	task, known := taskOf(r)
	if !known {
		return nil
	}
	role := r.ByARN(task.Text("executionRoleArn"))
	if role == nil {
		return nil
	}
	containers, err := containersOf(task)
	if err != nil {
		return fmt.Errorf("read the containers of the task definition: %w", err)
	}
	for _, c := range containers {
		if err := ask(role, c); err != nil {
			return err
		}
	}
	return nil
}

// managedSecret is the secret of Secrets Manager that a container's secret names, without the
// field, stage and version that may follow its ARN; nothing for a parameter. The model knows no
// secrets: they are not the stack's.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
func managedSecret(valueFrom string) string {
	if !strings.HasPrefix(valueFrom, "arn:aws:secretsmanager:") {
		return ""
	}
	parts := strings.SplitN(valueFrom, ":", 8)
	return strings.Join(parts[:min(len(parts), 7)], ":")
}

// mayReadParameter is nil if a role may read a parameter, and decrypt it.
func mayReadParameter(r *provider.Request, role, parameter *cloud.Object) error {
	if err := roleMay(r, role, "ssm:GetParameters", parameter.ARN, nil); err != nil {
		return err
	}
	if parameter.Text("type") != "SecureString" || parameter.Text("keyId") == "" {
		return nil
	}
	key, err := keyARN(r, parameter.Text("keyId"))
	if err != nil || key == "" {
		return err
	}
	return roleMay(r, role, "kms:Decrypt", key, map[string]string{
		"kms:ViaService": "ssm." + r.Region + ".amazonaws.com", "kms:EncryptionContext:PARAMETER_ARN": parameter.ARN,
	})
}
