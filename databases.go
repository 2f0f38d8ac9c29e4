package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/data"
	"github.com/bookmark-manager/infrastructure/network"
	"github.com/bookmark-manager/infrastructure/observability"
)

// databases are the two that the services keep their data in.
type databases struct {
	aurora *data.AuroraCluster
	atlas  *data.AtlasCluster
}

func makeDatabases(
	st *stack, keys *data.Keys, notifications *observability.Notifications, net *network.Network, zones map[int]string,
) (databases, error) {
	aurora, err := makeAurora(st, keys, notifications, net, zones)
	if err != nil {
		return databases{}, err
	}
	atlas, err := makeAtlas(st, net)
	return databases{aurora, atlas}, err
}

func makeAurora(
	st *stack, keys *data.Keys, notifications *observability.Notifications, net *network.Network, zones map[int]string,
) (*data.AuroraCluster, error) {
	c := st.config
	args := &data.AuroraArgs{
		Stack:                c.Identity,
		Config:               c.Aurora,
		Zones:                zones,
		SubnetIDs:            net.DatabaseSubnetIDs,
		SecurityGroupID:      net.DatabaseSecurityGroupID,
		DataKeyArn:           keys.DataArn,
		LogKeyArn:            keys.LogsArn,
		NotificationTopicArn: notifications.TopicArn,
		RunbookBase:          string(c.Observability.RunbookBase),
		Recovery:             st.providers.recoveryResource(),
		RecoveryRegion:       c.RecoveryRegion(),
	}
	if c.Compute.Dump != nil {
		args.DumpRotation = c.Compute.Dump.PasswordRotation
	}
	if c.AdoptsDatabase() {
		args.AdoptedMasterPassword = c.Secrets.AdoptedMasterPassword
	}
	return data.NewAuroraCluster(st.ctx, "aurora", args, st.providers.all())
}

func makeAtlas(st *stack, net *network.Network) (*data.AtlasCluster, error) {
	c := st.config
	args := &data.AtlasArgs{
		Stack:        c.Identity,
		Config:       c.Atlas,
		VpcID:        net.VpcID,
		SubnetIDs:    net.PrivateSubnetIDs,
		NatPublicIPs: map[string]pulumi.StringInput{},
	}
	for zone, address := range net.NatPublicIPs {
		args.NatPublicIPs[zone] = address
	}
	if c.Atlas.Access == data.AtlasByPrivateLink {
		args.SecurityGroupID = net.AtlasSecurityGroupID
	}
	return data.NewAtlasCluster(st.ctx, "atlas", args, st.providers.all())
}

func makeParameters(
	st *stack, keys *data.Keys, db databases, sentry *observability.Sentry, datadogKey *observability.DatadogKey,
) (*data.Parameters, error) {
	c := st.config
	args := &data.ParametersArgs{
		Stack:               c.Identity,
		Config:              c.Parameters,
		DataKeyArn:          keys.DataArn,
		DatabaseEndpoint:    db.aurora.Endpoint,
		ReaderEndpoint:      db.aurora.ReaderEndpoint,
		MasterPassword:      db.aurora.MasterPassword,
		ApplicationUsername: db.aurora.ApplicationUsername,
		ApplicationPassword: db.aurora.ApplicationPassword,
		AtlasAddress:        db.atlas.Address,
		AtlasDatabase:       c.Atlas.Database,
		AtlasUsername:       db.atlas.Username,
		AtlasPassword:       db.atlas.Password,
		DumpUsername:        db.aurora.DumpUsername,
		Secrets:             c.Secrets.Parameters,
		DatabaseReady:       db.aurora.Ready,
		AtlasReady:          db.atlas.Ready,
	}
	if c.Compute.Dump != nil {
		args.DumpPassword = db.aurora.DumpPassword
	}
	if c.AdoptsJWTSecret() {
		args.AdoptedJWTSecret = c.Secrets.AdoptedJWTSecret
	}
	if datadogKey != nil {
		args.DatadogAPIKey = datadogKey.Key
	}
	if sentry != nil {
		args.SentryDSNs = map[string]pulumi.StringInput{}
		for service, dsn := range sentry.DSNs {
			args.SentryDSNs[service] = dsn
		}
	}
	return data.NewParameters(st.ctx, "parameters", args, st.providers.all())
}

// secretsOf are a service's parameters by the variable that takes them.
func secretsOf(st *stack, parameters *data.Parameters, service string) map[string]compute.Secret {
	secrets := map[string]compute.Secret{}
	for _, variable := range st.config.Services[service].Parameters() {
		if name, ok := data.Resolve(st.config.ParameterNames(), service, variable); ok {
			secrets[variable] = secret(parameters, name)
		}
	}
	return secrets
}

func secret(parameters *data.Parameters, name string) compute.Secret {
	parameter := parameters.ByName[name]
	return compute.Secret{ARN: parameter.ARN, Version: parameter.Version}
}

// backupsName is the component's, and so the beginning of the name of its role.
const backupsName = "backups"

func makeBackups(
	st *stack, keys *data.Keys, notifications *observability.Notifications, net *network.Network, db databases,
) (*data.Backups, error) {
	return data.NewBackups(st.ctx, backupsName, &data.BackupsArgs{
		Stack:                  st.config.Identity,
		Config:                 st.config.Backups,
		Databases:              pulumi.StringArray{db.aurora.ClusterArn},
		DataKeyArn:             keys.DataArn,
		NotificationTopicArn:   notifications.TopicArn,
		RunbookBase:            string(st.config.Observability.RunbookBase),
		RestoreSubnetGroup:     db.aurora.SubnetGroupName,
		RestoreSecurityGroupID: net.DatabaseSecurityGroupID,
		Recovery:               st.providers.recoveryResource(),
	}, st.providers.all())
}
