package observability

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// standsAt replaces what a service outside of AWS holds when the service's address changes. A
// provider with another address is only updated otherwise, and what the state has would be taken
// for what is at the new address. The program names the provider after the address, so that Pulumi
// has the old provider, with its address and its login, delete what was replaced. A stack that was
// deployed before it had the option records the address once and replaces nothing.
func standsAt(address string) pulumi.ResourceOption {
	return pulumi.ReplacementTrigger(pulumi.String(address))
}
