package aws

import (
	"fmt"
	"maps"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// functions answer the look-ups. One that is not here is refused by name.
var functions = func() map[string]func(*provider.Request) (map[string]any, error) {
	all := maps.Clone(databaseFunctions)
	maps.Copy(all, placeFunctions)
	return all
}()

// placeFunctions are the look-ups of where a stack is.
var placeFunctions = map[string]func(*provider.Request) (map[string]any, error){
	"aws:index/getCallerIdentity:getCallerIdentity": func(r *provider.Request) (map[string]any, error) {
		return map[string]any{
			"id": r.Account, "accountId": r.Account, "userId": "AIDAREHEARSAL",
			"arn": "arn:aws:iam::" + r.Account + ":user/rehearsal",
		}, nil
	},
	"aws:index/getPartition:getPartition": func(*provider.Request) (map[string]any, error) {
		return map[string]any{
			"id":               "aws",
			"partition":        "aws",
			"dnsSuffix":        "amazonaws.com",
			"reverseDnsPrefix": "com.amazonaws",
		}, nil
	},
	"aws:index/getRegion:getRegion": func(r *provider.Request) (map[string]any, error) {
		return map[string]any{
			"id": r.Region, "name": r.Region,
			"endpoint": "ec2." + r.Region + ".amazonaws.com", "description": r.Region,
		}, nil
	},
	"aws:index/getAvailabilityZones:getAvailabilityZones": availabilityZones,
	"aws:ec2/getManagedPrefixList:getManagedPrefixList":   managedPrefixList,
	"aws:ec2/getPrefixList:getPrefixList":                 prefixList,
	"aws:elb/getServiceAccount:getServiceAccount": func(r *provider.Request) (map[string]any, error) {
		account := elbAccounts[r.Region]
		if account == "" {
			return nil, fmt.Errorf("unable to find the load balancers' account of %s: newer regions have none, "+
				"grant logdelivery.elasticloadbalancing.amazonaws.com", r.Region)
		}
		return map[string]any{"id": account, "arn": "arn:aws:iam::" + account + ":root"}, nil
	},
}

func availabilityZones(r *provider.Request) (map[string]any, error) {
	known, err := zonesOf(r.Region)
	if err != nil {
		return nil, err
	}
	excludedNames, excludedIDs := set(r.Inputs.Texts("excludeNames")), set(r.Inputs.Texts("excludeZoneIds"))
	var names, ids []any
	for _, z := range known {
		if !excludedNames[z.Name] && !excludedIDs[z.ID] &&
			(!r.Inputs.Has("state") || r.Inputs.Text("state") == "available") {
			names, ids = append(names, z.Name), append(ids, z.ID)
		}
	}
	return map[string]any{"id": r.Region, "names": names, "zoneIds": ids, "groupNames": []any{r.Region}}, nil
}

func managedPrefixList(r *provider.Request) (map[string]any, error) {
	id, name := r.Inputs.Text("id"), r.Inputs.Text("name")
	for _, filter := range r.Inputs.Objects("filters") {
		if filter.Text("name") == "prefix-list-name" && len(filter.Texts("values")) == 1 {
			name = filter.Texts("values")[0]
		}
	}
	const cloudFront = "com.amazonaws.global.cloudfront.origin-facing"
	if list := originFacing[r.Region]; list != "" && (id == list || name == cloudFront) {
		return map[string]any{
			"id": list, "name": cloudFront, "addressFamily": "IPv4", "maxEntries": float64(originFacingWeight),
			"ownerId": "AWS", "version": 1.0, "entries": []any{}, "tags": map[string]any{},
			"arn": "arn:aws:ec2:" + r.Region + ":aws:prefix-list/" + list,
		}, nil
	}
	for _, o := range r.List(managedPrefixListType) {
		if id != "" && o.ID == id || id == "" && o.Text("name") == name {
			answer := map[string]any{"id": o.ID, "entries": []any{}}
			for _, property := range []resource.PropertyKey{"arn", "name", "addressFamily", "maxEntries", "ownerId",
				"version", "entries", "tags"} {
				if value, ok := o.Outputs[property]; ok {
					answer[string(property)] = value.Mappable()
				}
			}
			return answer, nil
		}
	}
	return nil, fmt.Errorf("empty result: no managed prefix list of %s matches id %q and name %q", r.Region, id, name)
}

func prefixList(r *provider.Request) (map[string]any, error) {
	id, name := r.Inputs.Text("prefixListId"), r.Inputs.Text("name")
	for service, list := range gatewayPrefixLists[r.Region] {
		if id == list || name == "com.amazonaws."+r.Region+"."+service {
			return map[string]any{
				"id": list, "prefixListId": list, "name": "com.amazonaws." + r.Region + "." + service,
				"cidrBlocks": []any{"52.219.0.0/20", "3.5.152.0/21"},
			}, nil
		}
	}
	return nil, fmt.Errorf("InvalidPrefixListID.NotFound: no prefix list of %s matches id %q and name %q", r.Region,
		id, name)
}

func set(texts []string) map[string]bool {
	out := map[string]bool{}
	for _, text := range texts {
		out[text] = true
	}
	return out
}
