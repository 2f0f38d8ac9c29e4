package atlas

import (
	"errors"
	"regexp"
	"testing"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	pt "github.com/bookmark-manager/infrastructure/rehearsal/model/providertest"
)

type in = pt.In

const project = "0123456789abcdef01234567"

var config = in{"publicKey": "public", "privateKey": "private"}

func try(w *pt.World, typ string, inputs in) error { return pt.Failed(w.Try(typ, "thing", inputs)) }

// given adds the project to inputs.
func given(inputs, more in) in { return pt.With(pt.With(in{"projectId": project}, inputs), more) }

func placed(region, more in) in {
	return in{"replicationSpecs": []any{in{"regionConfigs": []any{pt.With(in{
		"providerName":   "AWS",
		"regionName":     "AP_NORTHEAST_1",
		"priority":       7,
		"electableSpecs": pt.With(in{"instanceSize": "M10", "nodeCount": 3, "diskSizeGb": 10}, more),
	}, region)}}}}
}

func cluster(more in) in {
	return given(pt.With(in{
		"name":                "bookmark-mgr-production",
		"clusterType":         "REPLICASET",
		"mongoDbMajorVersion": "8.0",
		"backupEnabled":       true,
		"pitEnabled":          true,
	}, placed(nil, nil)), more)
}

func schedule(more in) in {
	return given(in{
		"clusterName": "bookmark-mgr-production", "restoreWindowDays": 2,
		"policyItemHourly": in{"frequencyInterval": 6, "retentionUnit": "days", "retentionValue": 2},
		"policyItemDaily":  in{"frequencyInterval": 1, "retentionUnit": "days", "retentionValue": 7},
	}, more)
}

func user(more in) in {
	return given(in{
		"username": "app", "authDatabaseName": "admin", "password": "a-password",
		"roles": []any{in{"roleName": "readWrite", "databaseName": "bookmarks"}},
	}, more)
}

func alert(more in) in {
	return given(in{
		"eventType":     "NO_PRIMARY",
		"notifications": []any{in{"typeName": "GROUP", "roles": []any{"GROUP_OWNER"}, "emailEnabled": true}},
	}, more)
}

func link(w *pt.World) pt.Object {
	return w.Make(linkType, "link", given(in{"providerName": "AWS", "region": "ap-northeast-1"}, nil))
}

// endpoint is a VPC endpoint of AWS on the same cloud.
func endpoint(w *pt.World, service string) pt.Object {
	amazon := w.Beside(aws.Definition(), in{"region": "ap-northeast-1"})
	vpc := amazon.Make("aws:ec2/vpc:Vpc", "vpc", in{"cidrBlock": "10.0.0.0/16"})
	subnet := amazon.Make("aws:ec2/subnet:Subnet", "a", in{"vpcId": vpc.ID, "cidrBlock": "10.0.1.0/24"})
	return amazon.Make(vpcEndpointType, "atlas", in{
		"vpcId":           vpc.ID,
		"serviceName":     service,
		"vpcEndpointType": "Interface",
		"subnetIds":       []any{subnet.ID},
	})
}

// named replaces generated ids in an error, so that a test can name the whole error.
func named(err error) error {
	if err == nil {
		return nil
	}
	text := regexp.MustCompile(`vpce-[0-9a-f]{17}`).ReplaceAllString(err.Error(), "vpce-1")
	return errors.New(regexp.MustCompile(`[0-9a-f]{24}`).ReplaceAllString(text, "link-id"))
}

func connect(w *pt.World, link, endpoint string) error {
	return try(w, linkServiceType,
		given(in{"privateLinkId": link, "endpointServiceId": endpoint, "providerName": "AWS"}, nil))
}

const diskPath = "replicationSpecs[0].regionConfigs[0].electableSpecs.diskSizeGb"

// grown changes the nodes of a cluster whose disk Atlas has grown to 20 GB, with the disk that the
// state has.
func grown(w *pt.World, known int) error {
	made := w.Make(clusterType, "c", cluster(nil))
	if _, err := w.Change(made, cluster(placed(nil, in{"diskSizeGb": 20}))); err != nil {
		return err
	}
	return pt.Failed(w.Change(made, cluster(placed(nil, in{"diskSizeGb": known, "nodeCount": 5})), diskPath))
}

var pairs = map[string]pt.Pair{
	"the id of a project": {
		Want:    "INVALID_GROUP_ID: An invalid group ID bookmarks was specified",
		Refuses: func(w *pt.World) error { return try(w, clusterType, cluster(in{"projectId": "bookmarks"})) },
		Passes:  func(w *pt.World) error { return try(w, clusterType, cluster(nil)) },
	},
	"what Atlas has chosen is not sent back": {
		Want: "the update of cluster bookmark-mgr-production would set " + diskPath +
			" from 20 back to 10, which is ignored and as the state has it: refresh first",
		Refuses: func(w *pt.World) error { return grown(w, 10) },
		Passes:  func(w *pt.World) error { return grown(w, 20) },
	},
	"a maintenance window stays in its project": {
		Want: "the maintenance window of project " + project +
			" would be changed in place of that of project ffffffffffffffffffffffff: replace it",
		Refuses: func(w *pt.World) error {
			return pt.Failed(w.Change(w.Make(maintenanceType, "w", window(nil)),
				window(in{"projectId": "ffffffffffffffffffffffff"})))
		},
		Passes: func(w *pt.World) error {
			return pt.Failed(w.Change(w.Make(maintenanceType, "w", window(nil)), window(in{"hourOfDay": 3})))
		},
	},
	"a database user stays in its authentication database": {
		Want: "USERNAME_NOT_FOUND: No user with username app exists in database $external",
		Refuses: func(w *pt.World) error {
			return pt.Failed(w.Change(w.Make(userType, "u", user(nil)), user(in{"authDatabaseName": "$external"})))
		},
		Passes: func(w *pt.World) error {
			return pt.Failed(w.Change(w.Make(userType, "u", user(nil)), user(in{"password": "another-password"})))
		},
	},
	"one auditing and one maintenance window a project": {
		Want: "CONFLICT: project " + project +
			" has this already, as urn:pulumi:prod::bookmark-manager::mongodbatlas:index/auditing:Auditing::first: " +
			"adopt it",
		Refuses: func(w *pt.World) error {
			w.Make(auditingType, "first", given(in{"enabled": true}, nil))
			return try(w, auditingType, given(in{"enabled": true}, nil))
		},
		Passes: func(w *pt.World) error {
			w.Make(auditingType, "first", in{"projectId": "ffffffffffffffffffffffff", "enabled": true})
			return try(w, auditingType, given(in{"enabled": true}, nil))
		},
	},
	"the name of a cluster": {
		Want: "INVALID_ATTRIBUTE: Invalid attribute name specified: bookmark-mgr-productio-n has 24 characters; " +
			"want 1 to 64 letters, digits and hyphens, no hyphen at either end nor as the 23rd",
		Refuses: func(w *pt.World) error {
			for _, name := range []string{"-a", "a_b",
				"a234567890123456789012345678901234567890123456789012345678901234x"} {
				if try(w, clusterType, cluster(in{"name": name})) == nil {
					return nil
				}
			}
			return try(w, clusterType, cluster(in{"name": "bookmark-mgr-productio-n"}))
		},
		Passes: func(w *pt.World) error { return try(w, clusterType, cluster(in{"name": "bookmark-mgr-production"})) },
	},
	"one cluster a host name": {
		Want: "DUPLICATE_CLUSTER_NAME: A cluster whose name begins with bookmark-manager-produc is already present " +
			"in group " + project + "",
		Refuses: func(w *pt.World) error {
			w.Make(clusterType, "first", cluster(in{"name": "bookmark-manager-production"}))
			return try(w, clusterType, cluster(in{"name": "bookmark-manager-productivity"}))
		},
		Passes: func(w *pt.World) error {
			w.Make(clusterType, "first", cluster(in{"name": "bookmark-mgr-staging"}))
			return try(w, clusterType, cluster(nil))
		},
	},
	"a version of MongoDB": {
		Want: "INVALID_ENUM_VALUE: An invalid enumeration value 8.5 was specified for mongoDBMajorVersion: want " +
			"one of [7.0 8.0]",
		Refuses: func(w *pt.World) error { return try(w, clusterType, cluster(in{"mongoDbMajorVersion": "8.5"})) },
		Passes:  func(w *pt.World) error { return try(w, clusterType, cluster(in{"mongoDbMajorVersion": "7.0"})) },
	},
	"where and how large a cluster is": {
		Want: "INVALID_ATTRIBUTE: Invalid attribute nodeCount specified: 4, want 3, 5 or 7 electable nodes",
		Refuses: func(w *pt.World) error {
			for _, more := range []in{
				placed(in{"regionName": "ap-northeast-1"}, nil), placed(in{"priority": 8}, nil),
				placed(nil, in{"instanceSize": "M11"}), placed(nil, in{"diskSizeGb": 129}),
			} {
				if try(w, clusterType, cluster(more)) == nil {
					return nil
				}
			}
			return try(w, clusterType, cluster(placed(nil, in{"nodeCount": 4})))
		},
		Passes: func(w *pt.World) error {
			return try(w, clusterType, cluster(placed(in{"regionName": "AP_NORTHEAST_3"},
				in{"instanceSize": "M30", "diskSizeGb": 512, "nodeCount": 5})))
		},
	},
	"point in time needs backups": {
		Want:    "INVALID_ATTRIBUTE: Invalid attribute pitEnabled specified: continuous backup needs backupEnabled",
		Refuses: func(w *pt.World) error { return try(w, clusterType, cluster(in{"backupEnabled": false})) },
		Passes: func(w *pt.World) error {
			return try(w, clusterType, cluster(in{"backupEnabled": false, "pitEnabled": false}))
		},
	},
	"a protected cluster stays": {
		Want: "CANNOT_TERMINATE_CLUSTER_WHEN_TERMINATION_PROTECTION_ENABLED: Cluster bookmark-mgr-production cannot " +
			"be terminated: termination protection is enabled",
		Refuses: func(w *pt.World) error {
			return w.Remove(w.Make(clusterType, "c", cluster(in{"terminationProtectionEnabled": true})))
		},
		Passes: func(w *pt.World) error {
			lifted, err := w.Change(w.Make(clusterType, "c", cluster(in{"terminationProtectionEnabled": true})),
				cluster(in{"terminationProtectionEnabled": false}))
			if err != nil {
				return err
			}
			return w.Remove(lifted)
		},
	},
	"a schedule of a cluster with backups": {
		Want: "BACKUP_CONFIG_NOT_FOUND: No backup config exists for cluster bookmark-mgr-production in group " +
			project + "",
		Refuses: func(w *pt.World) error {
			if try(w, scheduleType, schedule(in{"clusterName": "none"})) == nil {
				return nil
			}
			w.Make(clusterType, "c", cluster(in{"backupEnabled": false, "pitEnabled": false}))
			return try(w, scheduleType, schedule(nil))
		},
		Passes: func(w *pt.World) error {
			w.Make(clusterType, "c", cluster(nil))
			return try(w, scheduleType, schedule(nil))
		},
	},
	"retention of snapshots": {
		Want: "INVALID_ATTRIBUTE: Invalid attribute restoreWindowDays specified: 3, more than hourly snapshots " +
			"stay with 2",
		Refuses: func(w *pt.World) error {
			w.Make(clusterType, "c", cluster(nil))
			for _, more := range []in{
				{"policyItemHourly": in{"frequencyInterval": 6, "retentionUnit": "days", "retentionValue": 8}},
			} {
				if try(w, scheduleType, schedule(more)) == nil {
					return nil
				}
			}
			return try(w, scheduleType, schedule(in{"restoreWindowDays": 3}))
		},
		Passes: func(w *pt.World) error {
			w.Make(clusterType, "c", cluster(nil))
			return try(w, scheduleType, schedule(nil))
		},
	},
	"copies in another region": {
		Want: "INVALID_ATTRIBUTE: Invalid attribute zoneId specified: a copy says of which zone it is",
		Refuses: func(w *pt.World) error {
			w.Make(clusterType, "c", cluster(nil))
			if try(w, scheduleType,
				schedule(in{"copySettings": []any{in{"regionName": "ap-northeast-3", "zoneId": "z"}}})) == nil {
				return nil
			}
			return try(w, scheduleType, schedule(in{"copySettings": []any{in{"regionName": "AP_NORTHEAST_3"}}}))
		},
		Passes: func(w *pt.World) error {
			w.Make(clusterType, "c", cluster(nil))
			return try(w, scheduleType,
				schedule(in{"copySettings": []any{in{"regionName": "AP_NORTHEAST_3", "zoneId": "z"}}}))
		},
	},
	"an access list entry of one thing": {
		Want: "exactly one of awsSecurityGroup, cidrBlock and ipAddress must be set, got [cidrBlock ipAddress]",
		Refuses: func(w *pt.World) error {
			return try(w, accessType, given(in{"cidrBlock": "203.0.113.0/24", "ipAddress": "203.0.113.1"}, nil))
		},
		Passes: func(w *pt.World) error { return try(w, accessType, given(in{"ipAddress": "203.0.113.1"}, nil)) },
	},
	"an access list is not open to the world": {
		Want: "the access list is open to the world: 0.0.0.0/0",
		Refuses: func(w *pt.World) error {
			for _, entry := range []in{
				{"cidrBlock": "0.0.0.0/1"},
				{"cidrBlock": "::/0"},
				{"ipAddress": "0.0.0.0"},
				{"cidrBlock": "tokyo"},
			} {
				if try(w, accessType, given(entry, nil)) == nil {
					return nil
				}
			}
			return try(w, accessType, given(in{"cidrBlock": "0.0.0.0/0"}, nil))
		},
		Passes: func(w *pt.World) error { return try(w, accessType, given(in{"cidrBlock": "203.0.113.0/24"}, nil)) },
	},
	"one database user a name": {
		Want: "USER_ALREADY_EXISTS: A user with username app already exists",
		Refuses: func(w *pt.World) error {
			w.Make(userType, "first", user(nil))
			return try(w, userType, user(nil))
		},
		Passes: func(w *pt.World) error {
			w.Make(userType, "first", user(in{"username": "staging-app"}))
			return try(w, userType, user(nil))
		},
	},
	"how a database user logs in": {
		Want: "PASSWORD_TOO_SHORT: The password has 7 characters, want 8 or more",
		Refuses: func(w *pt.World) error {
			if try(w, userType, user(in{"password": nil})) == nil {
				return nil
			}
			return try(w, userType, user(in{"password": "1234567"}))
		},
		Passes: func(w *pt.World) error { return try(w, userType, user(in{"password": "12345678"})) },
	},
	"roles of a database user": {
		Want: "UNSUPPORTED_ROLE: Role owner@bookmarks is not supported",
		Refuses: func(w *pt.World) error {
			if try(w, userType, user(in{"roles": nil})) == nil {
				return nil
			}
			return try(w, userType, user(in{"roles": []any{in{"roleName": "owner", "databaseName": "bookmarks"}}}))
		},
		Passes: func(w *pt.World) error { return try(w, userType, user(nil)) },
	},
	"a database user of a known cluster": {
		Want: "CLUSTER_NOT_FOUND: No cluster named none exists in group " + project + "",
		Refuses: func(w *pt.World) error {
			return try(w, userType, user(in{"scopes": []any{in{"name": "none", "type": "CLUSTER"}}}))
		},
		Passes: func(w *pt.World) error {
			w.Make(clusterType, "c", cluster(nil))
			return try(w, userType, user(in{"scopes": []any{in{"name": "bookmark-mgr-production", "type": "CLUSTER"}}}))
		},
	},
	"one private link a region": {
		Want: "PRIVATE_ENDPOINT_SERVICE_ALREADY_EXISTS_FOR_REGION: A private endpoint service already exists " +
			"in group " + project + " for region AP_NORTHEAST_1",
		Refuses: func(w *pt.World) error {
			link(w)
			return try(w, linkType, given(in{"providerName": "AWS", "region": "ap-northeast-1"}, nil))
		},
		Passes: func(w *pt.World) error {
			link(w)
			return try(w, linkType, given(in{"providerName": "AWS", "region": "ap-northeast-3"}, nil))
		},
	},
	"a connection of a known link and endpoint": {
		Want: "PRIVATE_ENDPOINT_SERVICE_NOT_FOUND: Private endpoint service with ID none does not exist",
		Refuses: func(w *pt.World) error {
			made := link(w)
			if connect(w, made.ID, "vpce-none") == nil ||
				connect(w, made.ID, endpoint(w, "com.amazonaws.vpce.ap-northeast-1.vpce-svc-0").ID) == nil {
				return nil
			}
			return connect(w, "none", "vpce-none")
		},
		Passes: func(w *pt.World) error {
			made := link(w)
			return connect(w, made.ID, endpoint(w, made.Text("endpointServiceName")).ID)
		},
	},
	"a link in use stays": {
		Want: "CANNOT_DELETE_PRIVATE_ENDPOINT_SERVICE_WITH_ENDPOINTS: Private endpoint service link-id still has " +
			"the interface endpoint vpce-1",
		Refuses: func(w *pt.World) error {
			made := link(w)
			if err := connect(w, made.ID, endpoint(w, made.Text("endpointServiceName")).ID); err != nil {
				return err
			}
			return named(w.Remove(made))
		},
		Passes: func(w *pt.World) error { return w.Remove(link(w)) },
	},
	"the event of an alert": {
		Want: "METRIC_THRESHOLD_PRESENT: metricThreshold goes with OUTSIDE_METRIC_THRESHOLD and no other event, not " +
			"with NO_PRIMARY",
		Refuses: func(w *pt.World) error {
			for _, more := range []in{{"eventType": "FIRE"}, {"eventType": "OUTSIDE_METRIC_THRESHOLD"}} {
				if try(w, alertType, alert(more)) == nil {
					return nil
				}
			}
			return try(w, alertType, alert(in{"metricThresholdConfig": in{"metricName": "CONNECTIONS_PERCENT"}}))
		},
		Passes: func(w *pt.World) error {
			return try(w, alertType, alert(in{
				"eventType":             "OUTSIDE_METRIC_THRESHOLD",
				"metricThresholdConfig": in{"metricName": "CONNECTIONS_PERCENT"},
			}))
		},
	},
	"the matchers of an alert": {
		Want: "INVALID_MATCHER: An invalid matcher CLUSTER EQUALS was specified",
		Refuses: func(w *pt.World) error {
			if try(w, alertType,
				alert(in{"matchers": []any{in{"fieldName": "CLUSTER_NAME", "operator": "IS", "value": "c"}}})) == nil {
				return nil
			}
			return try(w, alertType,
				alert(in{"matchers": []any{in{"fieldName": "CLUSTER", "operator": "EQUALS", "value": "c"}}}))
		},
		Passes: func(w *pt.World) error {
			return try(w, alertType,
				alert(in{"matchers": []any{in{"fieldName": "HOSTNAME", "operator": "STARTS_WITH", "value": "c"}}}))
		},
	},
	"an alert notifies somebody": {
		Want: "NOTIFICATIONS_REQUIRED: An alert configuration must have at least one notification",
		Refuses: func(w *pt.World) error {
			if try(w, alertType, alert(in{"notifications": []any{in{"typeName": "EMAIL"}}})) == nil {
				return nil
			}
			return try(w, alertType, alert(in{"notifications": nil}))
		},
		Passes: func(w *pt.World) error { return try(w, alertType, alert(nil)) },
	},
}

func TestRules(t *testing.T) { pt.Rules(t, Definition, config, pairs) }

func TestThePageOfVerdicts(t *testing.T) { pt.Page(t, Definition(), pairs, verdicts) }
