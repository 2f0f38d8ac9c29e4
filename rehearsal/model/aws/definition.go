package aws

import (
	"maps"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
)

// Version is the plugin that belongs to the SDK in the program's go.mod.
const Version = "6.83.0"

// New starts a provider on a cloud. account is what STS would answer, and role who asks: the name
// of a role of that account, or Root. record may be nil; a process writes to the last one.
func New(c *cloud.Cloud, account, role string, record *Recorder) (*provider.Provider, error) {
	definition := Definition()
	definition.Authorise = (&access{account: account, role: role}).authorise
	recorded.Store(record)
	return provider.New(definition, c, account)
}

// Definition puts the tables together.
func Definition() provider.Definition {
	return provider.Definition{
		Name:          "aws",
		Version:       Version,
		Schema:        schema.AWS,
		Kinds:         kinds(),
		Unlisted:      unlisted,
		Rules:         Rules(),
		Functions:     functions,
		Config:        configProperties,
		ReplaceConfig: []string{"region"},
		CheckConfig:   checkConfig,
		Settings:      settings,
		Reach:         reach,
	}
}

// Rules are all of them.
func Rules() []provider.Rule {
	var all []provider.Rule
	for _, domain := range [][]provider.Rule{
		addressRules,
		routingRules,
		endpointRules,
		securityGroupRules,
		flowLogRules,
		logRules,
		iamRules,
		keyRules,
		bucketRules,
		dataRules,
		backupRules,
		databaseRules, restoreRules,
		dnsRules, statementRules,
		cdnRules, vpcOriginRules,
		deliveryRules,
		wafRules,
		metricAlarmRules, alarmMetricRules,
		topicRules,
		logProcessingRules,
		accountRules,
		loadBalancerRules,
		listenerRules,
		taskRules,
		containerRules,
		deploymentRules,
		serviceRules,
		runningRules,
		passedRules,
		reachRules,
		scalingRules,
		queueRules,
		scheduleRules,
		registryRules,
		duplicateRules,
		limitRules(),
	} {
		all = append(all, domain...)
	}
	return all
}

func kinds() map[string]*provider.Kind {
	all := map[string]*provider.Kind{}
	for _, domain := range []map[string]*provider.Kind{networkKinds, securityGroupKinds, identityKinds, keyKinds,
		dataKinds, databaseKinds, edgeKinds, observabilityKinds, computeKinds, loadBalancerKinds, queueKinds,
		scheduleKinds} {
		maps.Copy(all, domain)
	}
	return all
}

// unlisted describes a type that no table has: an id, and an ARN in the usual form where there is
// one.
func unlisted(res *schema.Resource) *provider.Kind {
	k := &provider.Kind{ID: "{hex17}"}
	if name := res.Inputs["name"]; name != nil {
		k.ID = "{name}"
		k.Naming = provider.Naming{Property: "name", Max: 255, Fixed: name.Required}
		for _, l := range limits {
			if l.typ == res.Token && l.property == "name" {
				k.Naming.Max = l.max
			}
		}
	}
	if res.Outputs["arn"] != nil {
		service, member, _ := strings.Cut(strings.TrimPrefix(res.Token, "aws:"), "/")
		typ, _, _ := strings.Cut(member, ":")
		k.ARN = "arn:aws:" + service + ":{region}:{account}:" + strings.ToLower(typ) + "/{id}"
	}
	return k
}

// taggedTypes are the types of the schema that take tags, sorted.
func taggedTypes() []string {
	s, err := schema.AWS()
	if err != nil {
		panic(err) // the embedded file is part of the program, and a test parses it
	}
	var types []string
	for token, res := range s.Resources {
		if res.Outputs["tagsAll"] != nil {
			types = append(types, token)
		}
	}
	slices.Sort(types)
	return types
}
