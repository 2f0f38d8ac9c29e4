package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// delegationType are the NS records at a domain's registrar, or in its parent zone: no resource of
// AWS, and the only way from public DNS into a zone.
const delegationType = "registrar:index:Delegation"

// Delegate points a domain at name servers, as its registrar does when it is told to. Another call
// for the domain replaces them.
func Delegate(c *cloud.Cloud, domain string, nameServers []string) error {
	if len(nameServers) == 0 {
		return fmt.Errorf("delegate %s: there are no name servers to point at", domain)
	}
	servers := make([]any, len(nameServers))
	for i, server := range nameServers {
		servers[i] = server
	}
	record := &cloud.Object{
		Key:     cloud.Key{Type: delegationType, ID: strings.TrimSuffix(domain, ".")},
		Outputs: cloud.Properties(resource.NewPropertyMapFromMap(map[string]any{"nameServers": servers})),
	}
	err := c.Update(func(tx *cloud.Tx) error {
		before, err := tx.Get(record.Key)
		switch {
		case err != nil:
			return err
		case before == nil:
			return tx.Create(record)
		default:
			return tx.Replace(record)
		}
	})
	if err != nil {
		return fmt.Errorf("delegate %s: %w", domain, err)
	}
	return nil
}

// delegated reports whether public DNS leads to a zone: the registrar points at this zone's name
// servers, and not at those of another one of its name.
func delegated(r *provider.Request, zone *cloud.Object) bool {
	servers := provider.Values(zone.Outputs).Texts("nameServers")
	return slices.ContainsFunc(r.Everywhere(delegationType), func(record *cloud.Object) bool {
		return record.ID == strings.TrimSuffix(zone.Text("name"), ".") &&
			slices.Equal(provider.Values(record.Outputs).Texts("nameServers"), servers)
	})
}
