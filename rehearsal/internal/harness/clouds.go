package harness

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// Types that more than one drill is about, and no row of the catalogue.
const (
	AtlasUser       = "mongodbatlas:index/databaseUser:DatabaseUser"
	ClusterSnapshot = "aws:rds/clusterSnapshot:ClusterSnapshot"
)

// Place is where a stack lives.
type Place struct{ Account, Region string }

// Place is where the stack lives.
func (f *Fixture) Place() (Place, error) {
	region, err := f.Region()
	return Place{Account: f.Work.Files.Account, Region: region}, err
}

// Objects are all that is in the stack's clouds, oldest first.
func (f *Fixture) Objects() ([]*cloud.Object, error) {
	c, err := f.Cloud()
	if err != nil {
		return nil, err
	}
	all, err := c.List()
	if err != nil {
		return nil, fmt.Errorf("list the model's cloud: %w", err)
	}
	return all, nil
}

// Managed are those that the stack's resources manage, oldest first.
func (f *Fixture) Managed() ([]*cloud.Object, error) {
	all, err := f.Objects()
	return slices.DeleteFunc(all, func(o *cloud.Object) bool { return o.URN == "" || o.State != cloud.Active }), err
}

// ByURN are the objects that a stack's resources manage, by the URN of the resource. Each has one.
func ByURN(objects []*cloud.Object) map[string]*cloud.Object {
	managed := map[string]*cloud.Object{}
	for _, o := range objects {
		if o.URN != "" {
			managed[o.URN] = o
		}
	}
	return managed
}

// LogicalName is the name that the program gives the resource of a URN.
func LogicalName(urn string) string { return urn[strings.LastIndex(urn, "::")+len("::"):] }

// ByHand changes the clouds behind Pulumi's back, as people in a console and services of AWS do.
func (f *Fixture) ByHand(change func(*cloud.Tx) error) error {
	c, err := f.Cloud()
	if err != nil {
		return err
	}
	return c.Update(change)
}

// Pass lets days go by in the clouds, with all that AWS does by itself. What goes wrong meanwhile
// is an error.
func (f *Fixture) Pass(days int) (*aws.Passed, error) {
	c, err := f.Cloud()
	if err != nil {
		return nil, err
	}
	passed, err := aws.Advance(c, f.Work.Files.Account, days)
	if err != nil {
		return nil, err
	}
	if len(passed.Wrong) > 0 {
		return passed, fmt.Errorf("what the clouds do by themselves goes wrong:\n   %s",
			strings.Join(passed.Wrong, "\n   "))
	}
	return passed, nil
}
