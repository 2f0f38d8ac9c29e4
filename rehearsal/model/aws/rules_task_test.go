package aws

import (
	"encoding/json"

	"github.com/stretchr/testify/require"
)

// box is a container definition; more changes it.
func box(name string, more in) in {
	return merged(in{"name": name, "image": "public.ecr.aws/x/y:1"}, more)
}

func (w *world) boxes(containers ...in) string {
	w.t.Helper()
	if len(containers) == 0 {
		containers = []in{box("web", nil)}
	}
	text, err := json.Marshal(containers)
	require.NoError(w.t, err)
	return string(text)
}

// task asks for a task definition of these containers, changed by more.
func (w *world) task(more in, containers ...in) in {
	return merged(in{
		"family":                  "web",
		"requiresCompatibilities": []any{"FARGATE"},
		"networkMode":             "awsvpc",
		"cpu":                     "256",
		"memory":                  "512",
		"containerDefinitions":    w.boxes(containers...),
	}, more)
}

func (w *world) tryTask(more in, containers ...in) error {
	w.t.Helper()
	return failed(w.try(taskDefinitionType, "web", w.task(more, containers...)))
}

var taskPairs = map[string]pair{
	"containers of a task": {
		want:    "ClientException: Container names must be unique: web",
		refuses: func(w *world) error { return w.tryTask(nil, box("web", nil), box("web", nil)) },
		passes:  func(w *world) error { return w.tryTask(nil, box("web", nil), box("agent", in{"essential": false})) },
	},
	"a size that Fargate has": {
		want: "ClientException: No Fargate configuration exists for given values: 512 CPU, 512 memory. See the " +
			"Amazon ECS documentation for the valid values.",
		refuses: func(w *world) error { return w.tryTask(in{"cpu": "512", "memory": "512"}) },
		passes:  func(w *world) error { return w.tryTask(in{"cpu": "8192", "memory": "20480"}) },
	},
	"containers fit into the task": {
		want: "ClientException: The total memory of the containers, 600 MiB, is more than the task's 512.",
		refuses: func(w *world) error {
			return w.tryTask(nil, box("web", in{"memory": 300}), box("agent", in{"memory": 300}))
		},
		passes: func(w *world) error {
			return w.tryTask(nil, box("web", in{"memory": 256}), box("agent", in{"memory": 256}))
		},
	},
	"Fargate gives each task an interface": {
		want:    "ClientException: Fargate only supports network mode ‘awsvpc’.",
		refuses: func(w *world) error { return w.tryTask(in{"networkMode": "bridge"}) },
		passes: func(w *world) error {
			return w.tryTask(in{"networkMode": "bridge", "requiresCompatibilities": []any{"EC2"}})
		},
	},
	"a container's port on its task's interface": {
		want: "ClientException: When networkMode=awsvpc, the host ports and container ports in port mappings must " +
			"match: 80, 3000",
		refuses: func(w *world) error {
			return w.tryTask(nil, box("web", in{"portMappings": []in{{"containerPort": 3000, "hostPort": 80}}}))
		},
		passes: func(w *world) error {
			return w.tryTask(nil, box("web", in{"portMappings": []in{{"containerPort": 3000, "hostPort": 3000}}}))
		},
	},
	"mount known volumes": {
		want: "ClientException: Unknown volume 'tmp'.",
		refuses: func(w *world) error {
			return w.tryTask(nil, box("web", in{"mountPoints": []in{{"sourceVolume": "tmp", "containerPath": "/tmp"}}}))
		},
		passes: func(w *world) error {
			return w.tryTask(in{"volumes": []any{in{"name": "tmp"}}},
				box("web", in{"mountPoints": []in{{"sourceVolume": "tmp", "containerPath": "/tmp"}}}))
		},
	},
	"wait for known containers": {
		want: "ClientException: Container 'web' waits for the end of 'prepare', which is essential: the task " +
			"would stop.",
		refuses: func(w *world) error {
			return w.tryTask(nil,
				box("web", in{"dependsOn": []in{{"containerName": "prepare", "condition": "SUCCESS"}}}),
				box("prepare", nil))
		},
		passes: func(w *world) error {
			return w.tryTask(nil,
				box("web", in{"dependsOn": []in{{"containerName": "prepare", "condition": "SUCCESS"}}}),
				box("prepare", in{"essential": false}))
		},
	},
	"secrets need an execution role": {
		want: "ClientException: When you are specifying container secrets, you must also specify a value for " +
			"'executionRoleArn'.",
		refuses: func(w *world) error {
			return w.tryTask(nil, box("web", in{"secrets": []in{{"name": "KEY", "valueFrom": "KEY"}}}))
		},
		passes: func(w *world) error {
			return w.tryTask(in{"executionRoleArn": w.role().text("arn")},
				box("web", in{"secrets": []in{{"name": "KEY", "valueFrom": "KEY"}}}))
		},
	},
	"known roles of a task": {
		want:    "ClientException: Role is not valid: arn:aws:iam::123456789012:role/none",
		refuses: func(w *world) error { return w.tryTask(in{"taskRoleArn": "arn:aws:iam::123456789012:role/none"}) },
		passes:  func(w *world) error { return w.tryTask(in{"taskRoleArn": w.role().text("arn")}) },
	},
}
