package harness

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// RecoveryRegion is where copies of backups and of the database go.
const RecoveryRegion = "ap-northeast-3"

// The network of RecoveryNetwork.
const (
	recoveryVPC   = "vpc-0123456789abcdef0"
	recoveryGroup = "sg-0123456789abcdef0"
)

func subnetID(number string) string { return "subnet-0123456789abcdef" + number }

// GlobalDatabase is the section aurora.global for the network of RecoveryNetwork.
func GlobalDatabase() map[string]any {
	return map[string]any{
		"subnetIds": []any{subnetID("1"), subnetID("2")}, "securityGroupIds": []any{recoveryGroup},
	}
}

// RecoveryNetwork makes the network in the recovery region, which is another stack's, in the
// stack's account.
func RecoveryNetwork(tx *cloud.Tx, at Place) error {
	for _, one := range []struct {
		typ, id    string
		properties map[string]any
	}{
		{catalog.VPC, recoveryVPC, map[string]any{"cidrBlock": "10.1.0.0/16"}},
		{catalog.Subnet, subnetID("1"), map[string]any{
			"vpcId": recoveryVPC, "cidrBlock": "10.1.21.0/24", "availabilityZone": RecoveryRegion + "a",
		}},
		{catalog.Subnet, subnetID("2"), map[string]any{
			"vpcId": recoveryVPC, "cidrBlock": "10.1.22.0/24", "availabilityZone": RecoveryRegion + "b",
		}},
		{catalog.SecurityGroup, recoveryGroup, map[string]any{"vpcId": recoveryVPC, "name": "recovery"}},
	} {
		values := cloud.Properties(resource.NewPropertyMapFromMap(one.properties))
		if err := tx.Create(&cloud.Object{
			Key: cloud.Key{
				Type:    one.typ,
				Account: at.Account,
				Region:  RecoveryRegion,
				ID:      one.id,
			},
			Creator: at.Account,
			Inputs:  values,
			Outputs: values,
		}); err != nil {
			return err
		}
	}
	return nil
}
