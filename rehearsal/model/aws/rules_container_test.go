package aws

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// mounting is a container with two mount points.
func mounting(first, second string) in {
	return box("web", in{"mountPoints": []in{
		{"sourceVolume": "tmp", "containerPath": first},
		{"sourceVolume": "agent", "containerPath": second},
	}})
}

// mapped is a container with a port.
func mapped(name string, port int, more in) in {
	return box(name, in{"portMappings": []in{merged(in{"containerPort": port, "hostPort": port}, more)}})
}

var volumes = in{"volumes": []any{in{"name": "tmp"}, in{"name": "agent"}}}

// privy can read secrets.
var privy = in{"executionRoleArn": unknown}

var containerPairs = map[string]pair{
	"values of a container": {
		want: `InvalidParameterException: Container 'web': expected portMappings.appProtocol to be one of ` +
			`["grpc" "http" "http2"], got "https".`,
		refuses: func(w *world) error { return w.tryTask(nil, mapped("web", 3000, in{"appProtocol": "https"})) },
		passes:  func(w *world) error { return w.tryTask(nil, mapped("web", 3000, in{"appProtocol": "http"})) },
	},
	"numbers of a container": {
		want: "ClientException: Container 'web': expected healthCheck.timeout to be from 2 to 60, got 1.",
		refuses: func(w *world) error {
			return w.tryTask(nil, box("web", in{"healthCheck": in{"command": []any{"CMD", "true"}, "timeout": 1}}))
		},
		passes: func(w *world) error {
			return w.tryTask(nil,
				box("web", in{"healthCheck": in{"command": []any{"CMD", "true"}, "timeout": 60, "startPeriod": 0}}))
		},
	},
	"what Fargate has for a container": {
		want: "ClientException: Log driver 'json-file' is not supported on Fargate: container 'web' can have " +
			"awslogs, splunk or awsfirelens.",
		refuses: func(w *world) error {
			return w.tryTask(nil, box("web", in{"logConfiguration": in{"logDriver": "json-file"}}))
		},
		passes: func(w *world) error {
			return w.tryTask(nil,
				box("web", in{"logConfiguration": in{"logDriver": "awsfirelens"}, "stopTimeout": 120}))
		},
	},
	"a path is mounted once": {
		want:    "ClientException: Container 'web': duplicate mount path /tmp.",
		refuses: func(w *world) error { return w.tryTask(volumes, mounting("/tmp", "/tmp/")) },
		passes:  func(w *world) error { return w.tryTask(volumes, mounting("/tmp", "/tmp/agent")) },
	},
	"a variable is set once": {
		want: "ClientException: The secret name must be unique and not shared with any new or existing environment " +
			"variables set on the container, such as 'KEY'.",
		refuses: func(w *world) error {
			return w.tryTask(privy, box("web", in{
				"environment": []in{{"name": "KEY", "value": "a"}},
				"secrets":     []in{{"name": "KEY", "valueFrom": "b"}},
			}))
		},
		passes: func(w *world) error {
			_, err := w.preview(taskDefinitionType, "web", w.task(privy,
				box("web", in{
					"environment": []in{{"name": "KEY_ID", "value": "a"}},
					"secrets":     []in{{"name": "KEY", "valueFrom": "b"}},
				})))
			return err
		},
	},
	"a port is mapped once": {
		want:    "ClientException: Container port 3000/tcp is mapped more than once in the task, again by 'agent'.",
		refuses: func(w *world) error { return w.tryTask(nil, mapped("web", 3000, nil), mapped("agent", 3000, nil)) },
		passes: func(w *world) error {
			return w.tryTask(nil, mapped("web", 3000, in{"name": "http"}),
				mapped("agent", 3000, in{"protocol": "udp", "name": "trace"}))
		},
	},
	"a health check that can be run, and is there to be waited for": {
		want: "ClientException: Container 'web' waits until 'agent' is healthy, which has no health check.",
		refuses: func(w *world) error {
			return w.tryTask(nil,
				box("web", in{"dependsOn": []in{{"containerName": "agent", "condition": "HEALTHY"}}}),
				box("agent", nil))
		},
		passes: func(w *world) error {
			return w.tryTask(nil, box("web", in{"dependsOn": []in{{"containerName": "agent", "condition": "HEALTHY"}}}),
				box("agent", in{"healthCheck": in{"command": []any{"CMD-SHELL", "agent health"}}}))
		},
	},
}

func TestOtherContainersThatECSRefuses(t *testing.T) {
	for want, c := range map[string]in{
		`expected dependsOn.condition to be one of ["COMPLETE" "HEALTHY" "START" "SUCCESS"], got "READY"`: box("web",
			in{"dependsOn": []in{{"containerName": "agent", "condition": "READY"}}}),
		`expected portMappings.protocol to be one of ["tcp" "udp"], got "http"`: mapped("web", 3000,
			in{"protocol": "http"}),
		`expected logConfiguration.logDriver to be one of`: box("web",
			in{"logConfiguration": in{"logDriver": "cloudwatch"}}),
		"expected restartPolicy.restartAttemptPeriod to be from 60 to 1800, got 30": box("web",
			in{"restartPolicy": in{"enabled": true, "restartAttemptPeriod": 30}}),
		"expected healthCheck.interval to be from 5 to 300, got 1": box("web",
			in{"healthCheck": in{"command": []any{"CMD", "true"}, "interval": 1}}),
		"expected healthCheck.retries to be from 1 to 10, got 11": box("web",
			in{"healthCheck": in{"command": []any{"CMD", "true"}, "retries": 11}}),
		"Fargate does not support privileged containers: 'web'": box("web",
			in{"privileged": true}),
		"Fargate can add the capability SYS_PTRACE alone: container 'web' asks for [NET_ADMIN]": box("web",
			in{"linuxParameters": in{"capabilities": in{"add": []any{"NET_ADMIN"}}}}),
		"expected stopTimeout to be 120 at most on Fargate, got 121": box("web",
			in{"stopTimeout": 121}),
		"Duplicate secret names found: KEY": box("web",
			in{"secrets": []in{{"name": "KEY", "valueFrom": "a"}, {"name": "KEY", "valueFrom": "b"}}}),
		"the command of a health check begins with CMD or CMD-SHELL, got [\"curl\"]": box("web",
			in{"healthCheck": in{"command": []any{"curl"}}}),
		"a mount point of volume 'tmp' has no containerPath": mounting("", "/agent"),
	} {
		w := newWorld(t)
		_, err := w.check(taskDefinitionType, "web",
			w.task(with(volumes, privy), c, box("agent", in{"essential": false})))
		assert.ErrorContains(t, err, want)
	}
	w := newWorld(t)
	_, err := w.check(taskDefinitionType, "web",
		w.task(nil, mapped("web", 3000, in{"name": "http"}), mapped("agent", 3001, in{"name": "http"})))
	assert.ErrorContains(t, err, "Port mapping names must be unique in the task: http.")
}
