package adoption

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/harness"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// Kept is what was compared with what Terraform left, and found to be the same.
type Kept struct {
	Objects    int // adopted, each made once
	Properties int // of them: passwords, keys, names, addresses
	Records    int // of DNS
	Images     int
}

// same holds each adopted object to what Terraform left: the stack has it, under its id, and it was
// made once. DNS records and images are checked for it whether they are adopted or not.
func (d *drill) same(ctx context.Context, stage adopted.Stage) error {
	resources, err := d.Engine.Resources(ctx)
	if err != nil {
		return err
	}
	managed := map[string]apitype.ResourceV3{}
	for _, one := range resources {
		managed[string(one.Type)+" "+harness.LogicalName(string(one.URN))] = one
	}
	kept, problems := Kept{}, []error{}
	now, err := d.now()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(d.originals)) {
		was := d.originals[name]
		one, taken := managed[name]
		if problem := once(was, now[was.Key]); problem != nil {
			problems = append(problems, fmt.Errorf("%s: %w", name, problem))
			continue
		}
		switch {
		case !taken:
			problems = append(problems, fmt.Errorf("%s does not manage %s", name, was))
			continue
		case string(one.ID) != was.ID:
			problems = append(problems, fmt.Errorf("%s has the id %s, want %s", name, one.ID, was.ID))
			continue
		}
		kept.Objects++
		for _, property := range slices.Concat(steady[was.Type], unset[was.Type]) {
			if was.Name == databaseURL && property == "value" && stage != adopted.Take {
				continue // it is the application's own role's from move on
			}
			if !equal(was, now[was.Key], property) {
				problems = append(problems, fmt.Errorf("%s has another %s", name, property))
			}
			kept.Properties++
		}
	}
	kept.Records, kept.Images = d.counted()
	d.result.Kept = kept
	return errors.Join(append(problems, d.sameStanding())...)
}

// sameStanding is nil if the DNS records and images that Terraform left are there and the same.
func (d *drill) sameStanding() error {
	now, err := d.now()
	if err != nil {
		return err
	}
	var problems []error
	for _, was := range d.standing {
		if problem := once(was, now[was.Key]); problem != nil {
			problems = append(problems, problem)
			continue
		}
		for _, property := range steady[was.Type] {
			if !equal(was, now[was.Key], property) {
				problems = append(problems, fmt.Errorf("%s has another %s", was, property))
			}
		}
	}
	return errors.Join(problems...)
}

// counted are how many records and images stand.
func (d *drill) counted() (records, images int) {
	for _, was := range d.standing {
		if was.Type == catalog.Record {
			records++
		} else {
			images++
		}
	}
	return records, images
}

// now are the objects of the cloud by their keys.
func (d *drill) now() (map[cloud.Key]*cloud.Object, error) {
	objects, err := d.Objects()
	if err != nil {
		return nil, err
	}
	now := map[cloud.Key]*cloud.Object{}
	for _, o := range objects {
		now[o.Key] = o
	}
	return now, nil
}

// once is an error unless an object is there, and is the one that it was.
func once(was, is *cloud.Object) error {
	switch {
	case is == nil:
		return fmt.Errorf("%s is gone", was)
	case is.Seq != was.Seq:
		return fmt.Errorf("%s was made again", was)
	}
	return nil
}

func equal(was, is *cloud.Object, property string) bool {
	key := resource.PropertyKey(property)
	if was.Type == catalog.Record && property == "name" {
		key = "fqdn" // a name with a dot at its end is the same name
	}
	return cloud.Plain(was.Outputs[key]).DeepEquals(cloud.Plain(is.Outputs[key]))
}

// databaseURL becomes that of the application's role when the services move.
const databaseURL = "/bookmark-manager/production/DATABASE_URL"

// steady are the properties that an object must keep: running tasks, open sessions, names that the
// world knows and links to images depend on them.
var steady = map[string][]string{
	catalog.RDSCluster: {
		"masterPassword", "masterUsername", "databaseName", "engine", "endpoint", "dbSubnetGroupName",
	},
	catalog.Parameter:    {"value", "name"},
	catalog.Zone:         {"name", "nameServers"},
	catalog.Record:       {"name", "type", "records", "aliases"},
	catalog.Bucket:       {"bucket"},
	catalog.Repository:   {"name", "repositoryUrl"},
	catalog.LoadBalancer: {"name", "dnsName"},
	catalog.Distribution: {"domainName"},
	catalog.EIP:          {"publicIp"},
	catalog.AtlasCluster: {"name"},
	imageType:            {"digest", "tags"},
}

// unset are the keys that Terraform left to AWS, and that are given to none of these objects:
// another one replaces the cluster and the repositories, and locks out tasks that may not use it.
var unset = map[string][]string{
	catalog.RDSCluster: {"kmsKeyId"}, catalog.Parameter: {"keyId"}, catalog.Repository: {"encryptionConfigurations"},
}

// compared is an error for a property that none of the objects has: to compare it would say
// nothing.
func (d *drill) compared() error {
	has := map[string]bool{}
	for _, o := range slices.Concat(slices.Collect(maps.Values(d.originals)), d.standing) {
		for property := range o.Outputs {
			has[o.Type+" "+string(property)] = true
		}
	}
	var problems []error
	for typ, properties := range steady {
		for _, property := range properties {
			if !has[typ+" "+property] {
				problems = append(problems, fmt.Errorf("no object of Terraform's has %s of %s, which is to be compared",
					property, typ))
			}
		}
	}
	return errors.Join(problems...)
}

// imageType is an image in a repository.
const imageType = "aws:ecr/image:Image"
