package aws

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// outageType is no resource of the program: a region of which nothing answers. What is in it is
// still there, and answers again when the outage is over.
const outageType = "aws:index/outage:Outage"

func outageKey(region string) cloud.Key { return cloud.Key{Type: outageType, ID: region} }

// Outage is that of a region.
func Outage(region string) cloud.Object {
	return cloud.Object{
		Key: outageKey(region), Name: region, Outputs: cloud.Properties{"region": resource.NewProperty(region)},
	}
}

// Lose makes every request to a region fail from now on. What AWS does by itself there stops too.
// What has no region goes on: CloudFront, Route 53, IAM.
func Lose(c *cloud.Cloud, region string) error {
	outage := Outage(region)
	return c.Update(func(tx *cloud.Tx) error { return tx.Create(&outage) })
}

// Regain ends the outage of a region.
func Regain(c *cloud.Cloud, region string) error {
	return c.Update(func(tx *cloud.Tx) error { return tx.Delete(outageKey(region)) })
}

// Lost says whether a region answers nothing.
func Lost(tx *cloud.Tx, region string) (bool, error) {
	outage, err := tx.Get(outageKey(region))
	return outage != nil, err
}

// reach is what the provider makes of a region that does not answer: it asks STS there who it is
// before anything else.
func reach(tx *cloud.Tx, region string) error {
	lost, err := Lost(tx, region)
	if err != nil || !lost {
		return err
	}
	return fmt.Errorf("operation error STS: GetCallerIdentity, exceeded maximum number of attempts, 25, https "+
		"response error StatusCode: 0, "+
		"request send failed, Post \"https://sts.%s.amazonaws.com/\": dial tcp: i/o timeout", region)
}

// illnessType is no resource of the program: the tasks of a region answer nothing, while everything
// else there does.
const illnessType = "aws:index/illness:Illness"

func illnessKey(region string) cloud.Key { return cloud.Key{Type: illnessType, ID: region} }

// Sicken lets the tasks of a region answer nothing from now on.
func Sicken(c *cloud.Cloud, region string) error {
	return c.Update(func(tx *cloud.Tx) error {
		return tx.Create(&cloud.Object{Key: illnessKey(region), Name: region})
	})
}

// Cure ends that.
func Cure(c *cloud.Cloud, region string) error {
	return c.Update(func(tx *cloud.Tx) error { return tx.Delete(illnessKey(region)) })
}

// SickAmong says, of a list of all objects, whether the tasks of a region answer nothing.
func SickAmong(objects []*cloud.Object, region string) bool {
	return slices.ContainsFunc(objects, func(o *cloud.Object) bool { return o.Key == illnessKey(region) })
}

// LostAmong is Lost for a list of all objects.
func LostAmong(objects []*cloud.Object, region string) bool {
	return slices.ContainsFunc(objects, func(o *cloud.Object) bool { return o.Key == outageKey(region) })
}
