package rotation

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// The types that a rotation is about.
const (
	serviceType      = "aws:ecs/service:Service"
	definitionType   = "aws:ecs/taskDefinition:TaskDefinition"
	parameterType    = "aws:ssm/parameter:Parameter"
	ruleType         = "aws:lb/listenerRule:ListenerRule"
	distributionType = "aws:cloudfront/distribution:Distribution"
	clusterType      = "aws:rds/cluster:Cluster"
	atlasUserType    = "mongodbatlas:index/databaseUser:DatabaseUser"
)

// values are what a container is told, by variable. A task reads its parameters when it starts and
// never again.
type values map[string]string

// container is what of a container definition says how it starts.
type container struct {
	Name        string   `json:"name"`
	EntryPoint  []string `json:"entryPoint"`
	Command     []string `json:"command"`
	Environment []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"environment"`
	Secrets []struct {
		Name      string `json:"name"`
		ValueFrom string `json:"valueFrom"`
	} `json:"secrets"`
}

// containers are those of a task definition.
func containers(definition *cloud.Object) ([]container, error) {
	var all []container
	if err := json.Unmarshal([]byte(definition.Text("containerDefinitions")), &all); err != nil {
		return nil, fmt.Errorf("read the containers of %s: %w", definition, err)
	}
	return all, nil
}

// start is what a container reads when it starts now.
func (c container) start(parameters map[string]*cloud.Object) (values, error) {
	v := values{}
	for _, one := range c.Environment {
		v[one.Name] = one.Value
	}
	for _, one := range c.Secrets {
		parameter := parameters[one.ValueFrom]
		if parameter == nil {
			return nil, fmt.Errorf("start container %s: there is no parameter %s", c.Name, one.ValueFrom)
		}
		v[one.Name] = parameter.Text("value")
	}
	return v, nil
}

// world is the cloud at one moment of an operation.
type world struct {
	objects     map[string]*cloud.Object // by URN
	definitions map[string]*cloud.Object // every task definition, by ARN
}

func worldOf(all []*cloud.Object) world {
	w := world{objects: map[string]*cloud.Object{}, definitions: map[string]*cloud.Object{}}
	for _, o := range all {
		if o.Type == definitionType {
			w.definitions[o.ARN] = o
		}
		if o.URN != "" {
			w.objects[o.URN] = o
		}
	}
	return w
}

func (w world) ofType(typ string) []*cloud.Object {
	var found []*cloud.Object
	for _, o := range w.objects {
		if o.Type == typ {
			found = append(found, o)
		}
	}
	return found
}

func (w world) parameters() map[string]*cloud.Object {
	byARN := map[string]*cloud.Object{}
	for _, o := range w.ofType(parameterType) {
		byARN[o.ARN] = o
	}
	return byARN
}

// task is what the application's container of a service's task reads when it starts now, from the
// definition that the service has.
func (w world) task(service *cloud.Object) (values, error) {
	definition := w.definitions[service.Text("taskDefinition")]
	if definition == nil {
		return nil, fmt.Errorf("start a task of %s: there is no task definition %s", service,
			service.Text("taskDefinition"))
	}
	all, err := containers(definition)
	if err != nil {
		return nil, err
	}
	v := values{}
	for _, one := range all {
		read, err := one.start(w.parameters())
		if err != nil {
			return nil, err
		}
		maps.Copy(v, read)
	}
	return v, nil
}
