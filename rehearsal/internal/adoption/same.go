package adoption

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// same holds each adopted object to what Terraform left: the stack has it, under its id, and it was
// made once. Services and what hangs on them come with the stage in which they have images.
func (d *drill) same(ctx context.Context, stage adopted.Stage) error {
	resources, err := d.Engine.Resources(ctx)
	if err != nil {
		return err
	}
	managed := map[string]apitype.ResourceV3{}
	for _, one := range resources {
		urn := string(one.URN)
		managed[string(one.Type)+" "+urn[strings.LastIndex(urn, "::")+2:]] = one
	}
	objects, err := d.objects()
	if err != nil {
		return err
	}
	now := map[cloud.Key]*cloud.Object{}
	for _, o := range objects {
		now[o.Key] = o
	}
	var problems []error
	for _, resource := range slices.Sorted(maps.Keys(d.originals)) {
		was := d.originals[resource]
		one, taken := managed[resource]
		is := now[was.Key]
		switch {
		case is == nil:
			problems = append(problems, fmt.Errorf("%s, which became %s, is gone", was, resource))
			continue
		case is.Seq != was.Seq:
			problems = append(problems, fmt.Errorf("%s, which became %s, was made again", was, resource))
		case !taken && (stage != adopted.Take || !waits(resource)):
			problems = append(problems, fmt.Errorf("%s does not manage %s", resource, was))
		case taken && string(one.ID) != was.ID:
			problems = append(problems, fmt.Errorf("%s has the id %s, want %s", resource, one.ID, was.ID))
		}
		for _, property := range secrets[was.Type] {
			if was.Text(property) != is.Text(property) && !(was.Name == databaseURL && stage != adopted.Take) {
				problems = append(problems, fmt.Errorf("%s has another %s", resource, property))
			}
		}
	}
	problems = append(problems, d.images(now))
	return errors.Join(problems...)
}

// databaseURL becomes that of the application's role when the services move.
const databaseURL = "/bookmark-manager/production/DATABASE_URL"

// secrets are what an object must keep for running tasks and open sessions.
var secrets = map[string][]string{
	catalog.RDSCluster: {"masterPassword", "masterUsername", "databaseName", "engine", "endpoint", "dbSubnetGroupName",
		"kmsKeyId"},
	catalog.Parameter:  {"value", "name"},
	catalog.Zone:       {"name"},
	catalog.Record:     {"name", "type"},
	catalog.Bucket:     {"bucket"},
	catalog.Repository: {"name", "repositoryUrl"},
}

// waits says whether a resource is there only once its service has an image.
func waits(resource string) bool {
	typ, name, _ := strings.Cut(resource, " ")
	return typ == catalog.ECSService || typ == catalog.DatadogMonitor ||
		strings.HasPrefix(typ, "aws:appautoscaling/") ||
		strings.HasPrefix(name, "observability-api-") || strings.HasPrefix(name, "observability-web-")
}

// images holds the repositories to the images that were in them.
func (d *drill) images(now map[cloud.Key]*cloud.Object) error {
	left := 0
	for _, o := range now {
		if o.Owner != nil && o.Owner.Type == catalog.Repository && o.Part {
			left++
		}
	}
	if left < 2 {
		return fmt.Errorf("found %d images in the repositories, want the two that Terraform's services run", left)
	}
	return nil
}
