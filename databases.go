package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
)

func (s *system) makeAurora() (err error) {
	c := s.config
	zones := map[int]string{}
	for _, zone := range c.Network.Zones {
		zones[zone.Index] = zone.Name
	}
	s.aurora, err = data.NewAuroraCluster(s.ctx, "aurora", &data.AuroraArgs{
		Config: c.Aurora, Environment: c.Environment, Region: c.AWS.Region, AccountID: c.AWS.AccountID, Zones: zones,
		SubnetIDs: s.network.DatabaseSubnetIDs, SecurityGroupID: s.network.DatabaseSecurityGroupID,
		DataKeyArn: s.keys.DataArn, LogKeyArn: s.keys.LogsArn,
		Recovery: s.providers.recoveryResource(), RecoveryRegion: c.recoveryRegion(),
		Disposable: c.Disposable, Teardown: c.Teardown,
	}, s.providers.all())
	return err
}

func (s *system) makeAtlas() (err error) {
	c := s.config
	args := &data.AtlasArgs{
		Config: c.Atlas, Environment: c.Environment, Region: c.AWS.Region, AccountID: c.AWS.AccountID,
		VpcID: s.network.VpcID, SubnetIDs: s.network.PrivateSubnetIDs,
		NatPublicIPs: map[string]pulumi.StringInput{},
		Disposable:   c.Disposable, Teardown: c.Teardown,
	}
	for zone, address := range s.network.NatPublicIPs {
		args.NatPublicIPs[zone] = address
	}
	if c.Atlas.Access == data.AtlasByPrivateLink {
		args.SecurityGroupID = s.network.AtlasSecurityGroupID
	}
	s.atlas, err = data.NewAtlasCluster(s.ctx, "atlas", args, s.providers.all())
	return err
}

func (s *system) makeParameters() (err error) {
	c := s.config
	args := &data.ParametersArgs{
		Config: c.Parameters, Environment: c.Environment, Region: c.AWS.Region, AccountID: c.AWS.AccountID,
		DataKeyArn:       s.keys.DataArn,
		DatabaseEndpoint: s.aurora.Endpoint, MasterPassword: s.aurora.MasterPassword,
		ApplicationUsername: s.aurora.ApplicationUsername, ApplicationPassword: s.aurora.ApplicationPassword,
		AtlasAddress: s.atlas.Address, AtlasUsername: s.atlas.Username, AtlasPassword: s.atlas.Password, AtlasDatabase: c.Atlas.Database,
		Secrets:       c.Secrets.Parameters,
		DatabaseReady: s.aurora.Ready, AtlasReady: s.atlas.Ready,
	}
	if s.datadogKey != nil {
		args.DatadogAPIKey = s.datadogKey.Key
	}
	if s.sentry != nil {
		args.SentryDSNs = map[string]pulumi.StringInput{}
		for service, dsn := range s.sentry.DSNs {
			args.SentryDSNs[service] = dsn
		}
	}
	s.parameters, err = data.NewParameters(s.ctx, "parameters", args, s.providers.all())
	return err
}

// secretsOf are a service's parameters by the variable that takes them.
func (s *system) secretsOf(service string, variables []string) map[string]compute.Secret {
	secrets := map[string]compute.Secret{}
	for _, variable := range variables {
		if name, ok := data.Resolve(s.config.parameterNames(), service, variable); ok {
			secrets[variable] = s.parameter(name)
		}
	}
	return secrets
}

func (s *system) parameter(name string) compute.Secret {
	parameter := s.parameters.ByName[name]
	return compute.Secret{ARN: parameter.ARN, Version: parameter.Version}
}

func (s *system) makeBackups() (err error) {
	c := s.config
	s.backups, err = data.NewBackups(s.ctx, "backups", &data.BackupsArgs{
		Config: c.Backups, Environment: c.Environment, Region: c.AWS.Region, AccountID: c.AWS.AccountID,
		Databases: pulumi.StringArray{s.aurora.ClusterArn}, DataKeyArn: s.keys.DataArn, NotificationTopicArn: s.notifications.TopicArn,
		Recovery: s.providers.recoveryResource(), Disposable: c.Disposable, Teardown: c.Teardown,
	}, s.providers.all())
	return err
}
