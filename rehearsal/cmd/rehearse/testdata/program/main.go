// Command program is a small Pulumi program for the rehearsal's own tests: one component with a
// random password under it, protected until the stack is torn down. tiny:wait makes it wait so long
// that it must be interrupted, tiny:drift makes it ask for another password each time, and
// tiny:cloud names one more provider.
package main

import (
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() { pulumi.Run(deploy) }

func deploy(ctx *pulumi.Context) error {
	if length, _ := ctx.GetConfig("tiny:length"); length != "16" {
		return fmt.Errorf("tiny:length is %q, want 16", length)
	}
	if token, _ := ctx.GetConfig("tiny:token"); token == "" || !ctx.IsConfigSecret("tiny:token") {
		return fmt.Errorf("tiny:token is not a secret value, want one")
	}
	if wait, _ := ctx.GetConfig("tiny:wait"); wait != "" {
		time.Sleep(time.Hour)
	}
	var random pulumi.ProviderResourceState
	if err := ctx.RegisterResource("pulumi:providers:random", "random", nil, &random); err != nil {
		return err
	}
	if cloud, _ := ctx.GetConfig("tiny:cloud"); cloud != "" {
		var provider pulumi.ProviderResourceState
		if err := ctx.RegisterResource("pulumi:providers:"+cloud, "cloud", nil, &provider); err != nil {
			return err
		}
	}
	var group pulumi.ResourceState
	if err := ctx.RegisterComponentResource("tiny:secrets:Group", "group", &group); err != nil {
		return err
	}
	var password struct {
		pulumi.CustomResourceState
		Result pulumi.StringOutput `pulumi:"result"`
	}
	environment, _ := ctx.GetConfig("tiny:environment")
	teardown, _ := ctx.GetConfig("tiny:teardown")
	inputs := pulumi.Map{"length": pulumi.Int(16)}
	if drift, _ := ctx.GetConfig("tiny:drift"); drift != "" {
		inputs["keepers"] = pulumi.StringMap{"now": pulumi.String(time.Now().String())}
	}
	err := ctx.RegisterResource("random:index/randomPassword:RandomPassword", "password",
		inputs, &password,
		pulumi.Parent(&group), pulumi.Provider(&random), pulumi.Protect(teardown != environment))
	if err != nil {
		return err
	}
	ctx.Export("password", pulumi.ToSecret(password.Result))
	return nil
}
