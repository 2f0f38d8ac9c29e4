package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/policy"
)

const (
	keyDeletionDays           = 30
	disposableKeyDeletionDays = 7 // the shortest that KMS takes
)

// sign makes the key that signs the zone, and switches signing on. Route53 takes only keys of type
// ECC_NIST_P256 in us-east-1.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-configuring-dnssec-cmk-requirements.html
func (z *Zone) sign(ctx *pulumi.Context, name string, args *ZoneArgs, zone *route53.Zone) error {
	deletionDays := keyDeletionDays
	if args.Disposable {
		deletionDays = disposableKeyDeletionDays
	}
	inUsEast1 := []pulumi.ResourceOption{pulumi.Parent(z), pulumi.Provider(args.UsEast1),
		pulumi.Protect(args.Protect())}
	key, err := kms.NewKey(ctx, name+"-dnssec", &kms.KeyArgs{
		Description:           pulumi.Sprintf("Signs hosted zone %s of %s", args.Config.Name, args.Environment.Name()),
		CustomerMasterKeySpec: pulumi.String("ECC_NIST_P256"),
		KeyUsage:              pulumi.String("SIGN_VERIFY"),
		DeletionWindowInDays:  pulumi.Int(deletionDays),
		Policy:                signingKeyPolicy(args.AccountID).JSON(),
	}, inUsEast1...)
	if err != nil {
		return fmt.Errorf("create signing key of zone %q: %w", name, err)
	}
	signing, err := route53.NewKeySigningKey(ctx, name+"-dnssec", &route53.KeySigningKeyArgs{
		// Route53 takes letters, digits and underscores here, which an automatic name, with its
		// hyphens, is not.
		Name:                    pulumi.String("bookmark_manager"),
		HostedZoneId:            zone.ZoneId,
		KeyManagementServiceArn: key.Arn,
	}, pulumi.Parent(z))
	if err != nil {
		return fmt.Errorf("create key-signing key of zone %q: %w", name, err)
	}
	if _, err := route53.NewHostedZoneDnsSec(ctx, name+"-dnssec", &route53.HostedZoneDnsSecArgs{
		HostedZoneId: signing.HostedZoneId, // a zone without a key-signing key cannot be signed
	}, pulumi.Parent(z)); err != nil {
		return fmt.Errorf("switch on signing of zone %q: %w", name, err)
	}
	z.DSRecord = signing.DsRecord
	return nil
}

func signingKeyPolicy(account string) policy.Document {
	route53Service := map[string][]string{policy.Service: {"dnssec-route53.amazonaws.com"}}
	ofThisAccount := []policy.Condition{
		policy.Equals("aws:SourceAccount", pulumi.String(account)),
		policy.ArnLike("aws:SourceArn", pulumi.String("arn:aws:route53:::hostedzone/*")),
	}
	anyResource := pulumi.StringArray{pulumi.String("*")} // in a key policy: the key itself
	return policy.Document{
		{
			Sid:        "AccountAdministersKey",
			Effect:     policy.Allow,
			Principals: map[string][]string{policy.AWS: {"arn:aws:iam::" + account + ":root"}},
			Actions:    []string{"kms:*"},
			Resources:  anyResource,
		},
		{
			Sid:        "Route53SignsZone",
			Effect:     policy.Allow,
			Principals: route53Service,
			Actions:    []string{"kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"},
			Resources:  anyResource,
			Conditions: ofThisAccount,
		},
		{
			Sid:        "Route53GrantsItself",
			Effect:     policy.Allow,
			Principals: route53Service,
			Actions:    []string{"kms:CreateGrant"},
			Resources:  anyResource,
			Conditions: append([]policy.Condition{
				{Operator: "Bool", Key: "kms:GrantIsForAWSResource", Values: pulumi.StringArray{pulumi.String("true")}},
			}, ofThisAccount...),
		},
	}
}
