package atlas

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// accessRules are about who gets in.
var accessRules = []provider.Rule{
	{
		Name:  "an access list entry of one thing",
		Types: []string{accessType},
		When:  provider.OnCheck,
		Why:   "the provider: ExactlyOneOf",
		Check: func(r *provider.Request) error {
			var given []string
			for _, property := range []string{"awsSecurityGroup", "cidrBlock", "ipAddress"} {
				if r.Inputs.Has(property) {
					given = append(given, property)
				}
			}
			if len(given) != 1 {
				return fmt.Errorf("exactly one of awsSecurityGroup, cidrBlock and ipAddress must be set, got %v", given)
			}
			return nil
		},
	},
	{
		Name:  "an access list is not open to the world",
		Types: []string{accessType},
		When:  provider.OnCheck,
		Why:   "The design lets in the VPC alone; Atlas would take it with a warning",
		Check: func(r *provider.Request) error {
			block := r.Inputs.Text("cidrBlock")
			if block == "" {
				block = r.Inputs.Text("ipAddress")
			}
			if block == "" {
				return nil
			}
			if address, err := netip.ParseAddr(block); err == nil {
				block = netip.PrefixFrom(address, address.BitLen()).String()
			}
			prefix, err := netip.ParsePrefix(block)
			switch {
			case err != nil:
				return fmt.Errorf("INVALID_IP_ADDRESS_OR_CIDR_NOTATION: The address %s must be in valid IP address "+
					"or CIDR notation", block)
			case prefix.Bits() < 8 || prefix.Addr().IsUnspecified():
				return fmt.Errorf("the access list is open to the world: %s", block)
			}
			return nil
		},
	},
	{
		Name:  "one database user a name",
		Types: []string{userType},
		When:  provider.OnCreate,
		Why:   "Atlas Administration API: USER_ALREADY_EXISTS",
		Check: func(r *provider.Request) error {
			in := r.Inputs
			found := r.Find(userType, in.Text("projectId")+"-"+in.Text("username")+"-"+in.Text("authDatabaseName"))
			if found != nil && !r.Itself(found) {
				return fmt.Errorf("USER_ALREADY_EXISTS: A user with username %s already exists", in.Text("username"))
			}
			return nil
		},
	},
	{
		Name:  "a database user stays in its authentication database",
		Types: []string{userType},
		When:  provider.OnUpdate,
		Why: "the provider changes another authDatabaseName in place; Atlas Administration API: " +
			"USERNAME_NOT_FOUND, for users are addressed by it",
		Check: func(r *provider.Request) error {
			if now := r.Inputs.Text("authDatabaseName"); now != "" && now != r.Old.Text("authDatabaseName") {
				return fmt.Errorf("USERNAME_NOT_FOUND: No user with username %s exists in database %s",
					r.Inputs.Text("username"), now)
			}
			return nil
		},
	},
	{
		Name:  "how a database user logs in",
		Types: []string{userType},
		When:  provider.OnCheck,
		Why:   "Create a database user: password is required with SCRAM, and 8 characters or more",
		Check: func(r *provider.Request) error {
			password := r.Inputs.Text("password")
			switch {
			case r.Inputs.Unknown("password"), r.Inputs.Text("authDatabaseName") != "admin":
				return nil
			case password == "":
				return fmt.Errorf("MISSING_ATTRIBUTE: The required attribute password was not specified")
			case len(password) < 8:
				return fmt.Errorf("PASSWORD_TOO_SHORT: The password has %d characters, want 8 or more", len(password))
			}
			return nil
		},
	},
	{
		Name:  "roles of a database user",
		Types: []string{userType},
		When:  provider.OnCheck,
		Why:   "Atlas Administration API: UNSUPPORTED_ROLE",
		Check: func(r *provider.Request) error {
			roles := r.Inputs.Objects("roles")
			if len(roles) == 0 && !r.Inputs.Unknown("roles") {
				return fmt.Errorf("MISSING_ATTRIBUTE: The required attribute roles was not specified")
			}
			for _, role := range roles {
				name, database := role.Text("roleName"), role.Text("databaseName")
				if name != "" && database != "" && !slices.Contains(builtInRoles, name) {
					return fmt.Errorf("UNSUPPORTED_ROLE: Role %s@%s is not supported", name, database)
				}
			}
			return nil
		},
	},
	{
		Name:  "a database user of a known cluster",
		Types: []string{userType},
		When:  provider.OnWrite,
		Why:   "Create a database user: scopes",
		Check: func(r *provider.Request) error {
			for _, scope := range r.Inputs.Objects("scopes") {
				name := scope.Text("name")
				if scope.Text("type") == "CLUSTER" && name != "" && r.Missing(findCluster(r, name)) {
					return fmt.Errorf("CLUSTER_NOT_FOUND: No cluster named %s exists in group %s", name,
						r.Inputs.Text("projectId"))
				}
			}
			return nil
		},
	},
	{
		Name:  "one private link a region",
		Types: []string{linkType},
		When:  provider.OnCreate,
		Why:   "Atlas Administration API: PRIVATE_ENDPOINT_SERVICE_ALREADY_EXISTS_FOR_REGION",
		Check: func(r *provider.Request) error {
			for _, other := range r.Others(linkType) {
				if other.Text("projectId") == r.Inputs.Text("projectId") &&
					other.Text("region") == r.Inputs.Text("region") {
					return fmt.Errorf("PRIVATE_ENDPOINT_SERVICE_ALREADY_EXISTS_FOR_REGION: A private endpoint "+
						"service already exists in group %s for region %s",
						other.Text("projectId"), other.Text("regionName"))
				}
			}
			return nil
		},
	},
	{
		Name:  "a connection of a known link and endpoint",
		Types: []string{linkServiceType},
		When:  provider.OnCreate,
		Why:   "Atlas Administration API: PRIVATE_ENDPOINT_SERVICE_NOT_FOUND, INVALID_INTERFACE_ENDPOINT",
		Check: func(r *provider.Request) error {
			link, id := r.Inputs.Text("privateLinkId"), r.Inputs.Text("endpointServiceId")
			found := r.Find(linkType, link)
			if link != "" && r.Missing(found) {
				return fmt.Errorf("PRIVATE_ENDPOINT_SERVICE_NOT_FOUND: Private endpoint service with ID %s does "+
					"not exist", link)
			}
			if found == nil || id == "" {
				return nil
			}
			for _, endpoint := range r.Everywhere(vpcEndpointType) {
				if endpoint.ID == id && endpoint.Text("serviceName") == found.Text("endpointServiceName") {
					return nil
				}
			}
			if r.Preview {
				return nil
			}
			return fmt.Errorf("INVALID_INTERFACE_ENDPOINT: Interface endpoint %s does not exist or is of another "+
				"service than %s", id, found.Text("endpointServiceName"))
		},
	},
	{
		Name:  "a link in use stays",
		Types: []string{linkType},
		When:  provider.OnDelete,
		Why:   "Atlas Administration API: CANNOT_DELETE_PRIVATE_ENDPOINT_SERVICE_WITH_ENDPOINTS",
		Check: func(r *provider.Request) error {
			for _, service := range r.Where(linkServiceType, "privateLinkId", r.Old.ID) {
				return fmt.Errorf("CANNOT_DELETE_PRIVATE_ENDPOINT_SERVICE_WITH_ENDPOINTS: Private endpoint service "+
					"%s still has the interface endpoint %s", r.Old.ID, service.Text("endpointServiceId"))
			}
			return nil
		},
	},
}

// alertRules are about alerts.
var alertRules = []provider.Rule{
	{
		Name:  "the event of an alert",
		Types: []string{alertType},
		When:  provider.OnCheck,
		Why:   "Atlas Administration API: INVALID_EVENT_TYPE, and which thresholds go with which events",
		Check: func(r *provider.Request) error {
			event := r.Inputs.Text("eventType")
			metric := event == "OUTSIDE_METRIC_THRESHOLD"
			switch {
			case event == "":
				return nil
			case !slices.Contains(events, event):
				return fmt.Errorf("INVALID_EVENT_TYPE: An invalid alert configuration event type %s was specified",
					event)
			case metric != r.Inputs.Has("metricThresholdConfig"):
				return fmt.Errorf("METRIC_THRESHOLD_PRESENT: metricThreshold goes with OUTSIDE_METRIC_THRESHOLD and "+
					"no other event, not with %s", event)
			}
			return nil
		},
	},
	{
		Name:  "the matchers of an alert",
		Types: []string{alertType},
		When:  provider.OnCheck,
		Why:   "Atlas Administration API: matchers",
		Check: func(r *provider.Request) error {
			for _, matcher := range r.Inputs.Objects("matchers") {
				field, operator := matcher.Text("fieldName"), matcher.Text("operator")
				if field != "" && !slices.Contains(matcherFields, field) ||
					operator != "" && !slices.Contains(matcherCompares, operator) {
					return fmt.Errorf("INVALID_MATCHER: An invalid matcher %s %s was specified", field, operator)
				}
			}
			return nil
		},
	},
	{
		Name:  "an alert notifies somebody",
		Types: []string{alertType},
		When:  provider.OnCheck,
		Why:   "Atlas Administration API: NOTIFICATIONS_REQUIRED, MISSING_NOTIFICATION_ATTRIBUTE",
		Check: func(r *provider.Request) error {
			notifications := r.Inputs.Objects("notifications")
			if len(notifications) == 0 && !r.Inputs.Unknown("notifications") {
				return fmt.Errorf("NOTIFICATIONS_REQUIRED: An alert configuration must have at least one notification")
			}
			for _, one := range notifications {
				typ := one.Text("typeName")
				if typ == "EMAIL" && !one.Has("emailAddress") || typ == "GROUP" && !one.Has("roles") {
					return fmt.Errorf("MISSING_NOTIFICATION_ATTRIBUTE: The notification %s does not say whom to notify",
						typ)
				}
			}
			return nil
		},
	},
}
