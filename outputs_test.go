package main

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"github.com/bookmark-manager/infrastructure/compute"
)

// A promotion waits for what the outputs name, and holds it against the revisions that they name: a
// canary that ECS has rolled back would be a success otherwise.
func TestACanaryIsAmongTheServicesToWaitFor(t *testing.T) {
	own := pulumi.String("arn:web:2").ToStringOutput()
	canary := pulumi.String("arn:web-canary:1").ToStringOutput()
	values := map[string]pulumi.Input{}
	for _, one := range serviceOutputs(&compute.Cluster{}, &compute.Registry{}, map[string]*compute.Service{
		"web": {
			Name:                    "production-web",
			Deployed:                true,
			TaskDefinitionArn:       own,
			CanaryName:              "production-web-canary",
			CanaryTaskDefinitionArn: canary,
		},
		"api": {Name: "production-api"},
	}) {
		values[one.name] = one.value
	}
	assert.Equal(t, pulumi.StringArray{pulumi.String("production-web"), pulumi.String("production-web-canary")},
		values["serviceNames"])
	assert.Equal(t, pulumi.StringMap{"web": own, "web-canary": canary}, values["taskDefinitionArns"])
}
