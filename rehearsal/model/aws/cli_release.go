package aws

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// imageCommands are about images in their repositories.
var imageCommands = answers{
	"ecr get-login-password": func(*call) (any, error) { return "a password", nil },
	"ecr describe-images": func(c *call) (any, error) {
		images, err := c.images()
		if err != nil {
			return nil, err
		}
		tag := strings.TrimPrefix(c.flags["image-ids"], "imageTag=")
		for _, image := range images {
			if hasTag(image, tag) {
				return shape{"imageDetails": []any{shape{"imageDigest": image.Text("digest")}}}, nil
			}
		}
		return nil, fmt.Errorf("ImageNotFoundException: The image with imageId {imageTag:'%s'} does not exist "+
			"within the "+
			"repository with name '%s'", tag, c.flags["repository-name"])
	},
	"ecr list-images": func(c *call) (any, error) {
		images, err := c.images()
		all := []any{}
		for _, image := range images {
			for _, tag := range imageTags(image) {
				all = append(all, shape{"imageDigest": image.Text("digest"), "imageTag": tag})
			}
		}
		return shape{"imageIds": all}, err
	},
	"ecr batch-get-image": func(c *call) (any, error) {
		images, err := c.images()
		if err != nil {
			return nil, err
		}
		digest := strings.TrimPrefix(c.flags["image-ids"], "imageDigest=")
		for _, image := range images {
			if image.Text("digest") == digest {
				return shape{"images": []any{shape{
					"imageManifest":          "{}",
					"imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
				}}}, nil
			}
		}
		return shape{"failures": []any{shape{"failureCode": "ImageNotFound", "failureReason": digest}}}, nil
	},
	"ecr put-image": func(c *call) (any, error) {
		return shape{"image": shape{}}, tagImage(c.tx, c.Account, c.flags["region"], c.flags["repository-name"],
			c.flags["image-digest"], c.flags["image-tag"])
	},
	"ecr batch-delete-image": func(c *call) (any, error) {
		return shape{"failures": []any{}}, untagImage(c.tx, c.Account, c.flags["region"], c.flags["repository-name"],
			strings.TrimPrefix(c.flags["image-ids"], "imageTag="))
	},
}

// images are those of the command's repository, which must be there.
func (c *call) images() ([]*cloud.Object, error) {
	name := c.flags["repository-name"]
	repository, err := c.tx.Get(cloud.Key{
		Type:    repositoryType,
		Account: c.Account,
		Region:  c.flags["region"],
		ID:      name,
	})
	if err != nil {
		return nil, err
	}
	if repository == nil {
		return nil, fmt.Errorf("RepositoryNotFoundException: The repository with name '%s' does not exist in the "+
			"registry "+
			"with id '%s'", name, c.Account)
	}
	return imagesOf(c.tx, c.Account, c.flags["region"], name)
}

// runType is no resource of the program: a task that a command has started, and that has ended
// well.
const runType = "aws:ecs/task:Task"

// serviceCommands are about services and tasks. Services are steady: a service whose tasks do not
// start is refused when it is made.
var serviceCommands = answers{
	"ecs describe-task-definition": func(c *call) (any, error) {
		definition, err := c.definition()
		if err != nil {
			return nil, err
		}
		containers, err := containersOf(provider.Values(definition.Inputs))
		all := []any{}
		for _, one := range containers {
			all = append(all, shape{"name": one.Name, "image": one.Image})
		}
		return shape{"taskDefinition": shape{"containerDefinitions": all}}, err
	},
	"ecs run-task": func(c *call) (any, error) {
		definition, err := c.definition()
		if err != nil {
			return nil, err
		}
		number, err := c.tx.NextNumber()
		if err != nil {
			return nil, err
		}
		arn := fmt.Sprintf("arn:aws:ecs:%s:%s:task/%s/%032x", c.flags["region"], c.Account, c.flags["cluster"], number)
		return shape{"tasks": []any{shape{"taskArn": arn}}, "failures": []any{}}, c.tx.Create(&cloud.Object{
			Key: cloud.Key{
				Type:    runType,
				Account: c.Account,
				Region:  c.flags["region"],
				ID:      arn,
			}, ARN: arn,
			Outputs: cloud.Properties{"taskDefinition": resource.NewProperty(definition.ARN)},
		})
	},
	"ecs wait tasks-stopped": func(c *call) (any, error) { _, err := c.run(); return nil, err },
	"ecs describe-tasks": func(c *call) (any, error) {
		run, err := c.run()
		if err != nil {
			return nil, err
		}
		definition, err := c.tx.ByARN(run.Text("taskDefinition"))
		if err != nil {
			return nil, err
		}
		ended := []any{}
		containers, _ := containersOf(provider.Values(definition.Inputs))
		for _, container := range containers {
			ended = append(ended, shape{"name": container.Name, "exitCode": 0})
		}
		return shape{"tasks": []any{shape{"taskArn": run.ARN, "containers": ended}}}, nil
	},
	"ecs wait services-stable": func(c *call) (any, error) { _, err := c.services(); return nil, err },
	"ecs describe-services": func(c *call) (any, error) {
		services, err := c.services()
		all := []any{}
		for _, service := range services {
			count, _ := provider.Values(service.Outputs).Number("desiredCount")
			all = append(all, shape{
				"serviceName": service.Text("name"), "desiredCount": count,
				"deployments": []any{shape{
					"status": "PRIMARY", "rolloutState": "COMPLETED", "taskDefinition": service.Text("taskDefinition"),
				}},
			})
		}
		return shape{"services": all}, err
	},
}

// definition is the task definition that the command names.
func (c *call) definition() (*cloud.Object, error) {
	definition, err := c.tx.ByARN(c.flags["task-definition"])
	if err != nil {
		return nil, err
	}
	if definition == nil || definition.Type != taskDefinitionType || definition.Region != c.flags["region"] {
		return nil, fmt.Errorf("ClientException: TaskDefinition not found. %s", c.flags["task-definition"])
	}
	return definition, nil
}

// run is the task that the command names.
func (c *call) run() (*cloud.Object, error) {
	arn := c.flags["tasks"]
	run, err := c.tx.Get(cloud.Key{
		Type:    runType,
		Account: c.Account,
		Region:  c.flags["region"],
		ID:      arn,
	})
	if err == nil && run == nil {
		err = fmt.Errorf("InvalidParameterException: no task %s", arn)
	}
	return run, err
}

// services are those of the region that the command names.
func (c *call) services() ([]*cloud.Object, error) {
	here, err := c.here(ecsServiceType)
	var found []*cloud.Object
	for _, name := range strings.Fields(c.flags["services"]) {
		for _, service := range here {
			if service.Text("name") == name {
				found = append(found, service)
			}
		}
	}
	return found, err
}

// objectCommands are about objects in a bucket, each of which is a file.
var objectCommands = answers{
	"s3api put-object": func(c *call) (any, error) {
		path, err := c.object(c.flags["bucket"], c.flags["key"])
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(path); err == nil && c.flags["if-none-match"] == "*" {
			return nil, errors.New("PreconditionFailed: At least one of the pre-conditions you specified did not hold")
		}
		body, err := os.ReadFile(c.flags["body"])
		if err != nil {
			return nil, &CLIError{cliWrong, err.Error()}
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return nil, err
		}
		return nil, os.WriteFile(path, body, 0o600)
	},
	"s3api list-objects-v2": func(c *call) (any, error) {
		root, err := c.object(c.flags["bucket"], "")
		if err != nil {
			return nil, err
		}
		var all []any
		err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // nothing was put there yet
			}
			if err != nil || entry.IsDir() {
				return err
			}
			key, err := filepath.Rel(root, path)
			if err != nil || !strings.HasPrefix(key, c.flags["prefix"]) {
				return err
			}
			of, err := entry.Info()
			if err != nil {
				return err
			}
			all = append(all, shape{"Key": key, "LastModified": of.ModTime().UTC().Format(time.RFC3339)})
			return nil
		})
		if len(all) == 0 {
			return nil, err // the CLI prints nothing
		}
		return shape{"Contents": all}, err
	},
	"s3 cp": func(c *call) (any, error) {
		bucket, key, _ := strings.Cut(strings.TrimPrefix(c.flags["from"], "s3://"), "/")
		path, err := c.object(bucket, key)
		if err != nil {
			return nil, err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, errors.New("404: Not Found")
		}
		return verbatim(raw), nil
	},
}

// verbatim is what a command prints as it is.
type verbatim []byte

// object is the file of an object. The bucket must be one of the account, in a region that answers.
func (c *call) object(bucket, key string) (string, error) {
	found, err := c.tx.Get(cloud.Key{Type: bucketType, ID: bucket})
	if err != nil {
		return "", err
	}
	if found == nil {
		return "", errors.New("NoSuchBucket: The specified bucket does not exist")
	}
	region := found.Text("region")
	lost, err := Lost(c.tx, region)
	if err != nil {
		return "", err
	}
	if lost {
		return "", noAnswer("s3", region)
	}
	return filepath.Join(c.Buckets, bucket, filepath.FromSlash(key)), nil
}
