package adoption

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

type object = map[string]any

func made(typ, id string, outputs object) *cloud.Object {
	return &cloud.Object{
		Key:     cloud.Key{Type: typ, ID: id},
		ARN:     id,
		URN:     "urn:" + typ + ":" + id,
		Outputs: cloud.Properties(resource.NewPropertyMapFromMap(outputs)),
	}
}

func parameter(name, value string) *cloud.Object {
	return made(catalog.Parameter, name, object{"value": value})
}

func database(password string, groups ...any) *cloud.Object {
	return made(catalog.RDSCluster, "aurora", object{
		"masterUsername": "dbadmin", "masterPassword": password, "endpoint": "aurora.example",
		"vpcSecurityGroupIds": groups,
	})
}

func from(group, peer string) *cloud.Object {
	return made(catalog.IngressRule, group+peer, object{
		"securityGroupId": group, "referencedSecurityGroupId": peer, "fromPort": 5432, "toPort": 5432,
	})
}

func out(group string) *cloud.Object {
	return made(catalog.EgressRule, "out-"+group, object{
		"securityGroupId": group, "cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1",
	})
}

func service(definition, group string) *cloud.Object {
	o := made(catalog.ECSService, "api", object{
		"taskDefinition": definition, "networkConfiguration": object{"securityGroups": []any{group}},
	})
	o.Name = "api"
	return o
}

func certificate(id, name string) *cloud.Object {
	return made(catalog.Certificate, id, object{"domainName": name, "subjectAlternativeNames": []any{"example.com"}})
}

func listener(certificate string) *cloud.Object {
	return made(catalog.Listener, "https", object{"certificateArn": certificate})
}

func distribution() *cloud.Object {
	return made(catalog.Distribution, "E1", object{
		"origins": []any{object{
			"originId": "alb", "domainName": "origin.example.com",
			"customOriginConfig": object{"originProtocolPolicy": "https-only"},
		}},
		"defaultCacheBehavior":  object{"targetOriginId": "alb", "originRequestPolicyId": allViewer},
		"orderedCacheBehaviors": []any{object{"targetOriginId": "alb"}},
	})
}

const before = "postgresql://dbadmin:secret@aurora.example:5432/bookmarkdb"

const ownRole = "postgresql://app_1:other@aurora.example:5432/bookmarkdb"

// production is one service and its database.
func production() []*cloud.Object {
	return []*cloud.Object{
		parameter("URL", before), parameter(tokenParameter, "key"), database("secret", "sg-old"),
		from("sg-old", "sg-task"), out("sg-task"), out("sg-new"),
		made(catalog.TaskDefinition, "api:1",
			object{"containerDefinitions": `[{"secrets":[{"name":"DATABASE_URL","valueFrom":"URL"}]}]`}),
		service("api:1", "sg-task"),
	}
}

// with puts objects in the place of those with their keys, or beside them.
func with(more ...*cloud.Object) []*cloud.Object {
	all := production()
	for _, o := range more {
		found := false
		for i := range all {
			if all[i].Key == o.Key {
				all[i], found = o, true
			}
		}
		if !found {
			all = append(all, o)
		}
	}
	return all
}

// updates are events in which objects change one after the other.
func updates(objects ...*cloud.Object) []engine.Event {
	var timeline []engine.Event
	for _, o := range objects {
		timeline = append(timeline, engine.Event{Op: "update", URN: o.URN},
			engine.Event{Op: "update", URN: o.URN, Done: true})
	}
	return timeline
}

func TestTasksLogInAtEveryMoment(t *testing.T) {
	rolled := service("api:1", "sg-new")
	moved := database("secret", "sg-new-database")
	admits := []*cloud.Object{from("sg-new-database", "sg-task"), from("sg-new-database", "sg-new")}
	for name, c := range map[string]struct {
		after    []*cloud.Object
		timeline []engine.Event
		want     string
	}{
		"nothing changes": {production(), nil, ""},
		"the database moves to a group that lets both through, then the service": {
			with(append(admits, moved, rolled)...), updates(admits[0], admits[1], moved, rolled), "",
		},
		"the service rolls first": {
			with(append(admits, moved, rolled)...), updates(admits[0], admits[1], rolled, moved),
			"a task of api in [sg-new] cannot reach the database in [sg-old]",
		},
		"the new group forgets the former tasks": {
			with(admits[1], moved, rolled), updates(admits[1], moved, rolled),
			"a task of api in [sg-task] cannot reach the database in [sg-new-database]",
		},
		"another password": {
			with(database("drawn", "sg-old")), updates(database("drawn", "sg-old")), "the owner has another password",
		},
		"CloudFront asks for a name before the certificate covers it": {
			with(distribution(), listener("new"), certificate("old", "www.example.com"),
				certificate("new", "origin.example.com")),
			updates(distribution(), listener("new")),
			"CloudFront asks for origin.example.com, and the load balancer's certificate is for []",
		},
		"the certificate covers the name first": {
			with(distribution(), listener("new"), certificate("new", "origin.example.com")),
			updates(certificate("new", "origin.example.com"), listener("new"), distribution()), "",
		},
		"another key": {
			with(parameter(tokenParameter, "drawn")), updates(parameter(tokenParameter, "drawn")), "sessions end",
		},
		"a group that lets nothing out": {
			with(from("sg-old", "sg-shut"), service("api:1", "sg-shut")),
			updates(from("sg-old", "sg-shut"), service("api:1", "sg-shut")),
			"nothing lets a task of api in [sg-shut] out to the database in [sg-old]",
		},
		"a parameter that is gone": {
			with(parameter("URL", "")), updates(parameter("URL", "")),
			"start a task of api: parameter URL is not there, or has no value",
		},
		"the application's role, which the migration has made": {
			with(parameter("URL", ownRole)), updates(parameter("URL", ownRole)), "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := moments(production(), c.after, c.timeline, true)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, c.want)
		})
	}
	after := with(parameter("URL", ownRole))
	_, err := moments(production(), after, updates(parameter("URL", ownRole)), false)
	assert.ErrorContains(t, err, "no migration has made the role app_1 yet",
		"autoscaling may start a task at any moment")
	_, err = moments(production()[:3], production()[:3], nil, true)
	assert.ErrorContains(t, err, "no task has logged in", "what checks nothing has shown nothing")
}

func TestTheMigrationTaskLogsInAsTheOwner(t *testing.T) {
	url := parameter("/x/MASTER_DATABASE_URL", before)
	require.NoError(t, ownerMigrates(with(url)))
	assert.ErrorContains(t, ownerMigrates(with(url, database("drawn", "sg-old"))), "the migration task cannot log in")
	assert.ErrorContains(t, ownerMigrates(production()), "the migration task cannot log in")
}

func TestRequestsAreSentAsTheStageHasThem(t *testing.T) {
	err := new(Passage).pass("close", true, production(), production(), nil)
	assert.ErrorContains(t, err, "sends no secret header in stage close")
	err = new(Passage).pass("take", false, production(), production(), nil)
	assert.ErrorContains(t, err, "requests failed", "there is no load balancer")
}
