package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// CertificatesType is part of every child's URN; changing it replaces the certificates.
const CertificatesType = "bookmark-manager:edge:Certificates"

// CertificatesArgs are the certificates' wiring.
type CertificatesArgs struct {
	Domain  Domain                  // required
	Hosts   []Domain                // further names of the site; none by default
	ZoneID  pulumi.StringInput      // required; the zone must be delegated
	UsEast1 pulumi.ProviderResource // required: CloudFront takes certificates of that region alone
	// SharedZone leaves the validation records in the zone when the stack is destroyed: other
	// certificates of the account for the same names are renewed by them. Default false: they are
	// deleted.
	SharedZone bool
}

// Certificates are two certificates for the apex, www, the origin's name and further names of the
// site: one for CloudFront and one for the load balancer. Both ARNs are of issued certificates:
// whatever uses one waits for its validation.
type Certificates struct {
	pulumi.ResourceState

	CloudFrontArn   pulumi.StringOutput // in us-east-1
	LoadBalancerArn pulumi.StringOutput // in the stack's region
}

// NewCertificates registers nothing when args are invalid.
func NewCertificates(
	ctx *pulumi.Context, name string, args *CertificatesArgs, opts ...pulumi.ResourceOption,
) (*Certificates, error) {
	if args == nil || !args.Domain.valid() || args.ZoneID == nil || args.UsEast1 == nil {
		return nil, fmt.Errorf("certificates %q: Domain (a domain name), ZoneID and UsEast1 are required", name)
	}
	c := &Certificates{}
	base, err := component.Register(ctx, "certificates", CertificatesType, name, c, opts...)
	if err != nil {
		return nil, err
	}
	inRegion := []pulumi.ResourceOption{base.Parent()}
	inUsEast1 := []pulumi.ResourceOption{base.Parent(), pulumi.Provider(args.UsEast1)}

	loadBalancer, err := newCertificate(ctx, base.Child("load-balancer"), args.names(), inRegion)
	if err != nil {
		return nil, err
	}
	cloudFront, err := newCertificate(ctx, base.Child("cloudfront"), args.names(), inUsEast1)
	if err != nil {
		return nil, err
	}

	// In one account ACM asks for the same validation record of a domain whatever the region and
	// the certificate, so that both certificates share one record for each domain; a second one of
	// the same name would be refused.
	// https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
	var proofs pulumi.StringArray
	for _, domain := range args.names() {
		proof := validationOption(loadBalancer, domain)
		record, err := route53.NewRecord(ctx, base.Child(domain), &route53.RecordArgs{
			ZoneId:  args.ZoneID,
			Name:    proof.ResourceRecordName().Elem(),
			Type:    proof.ResourceRecordType().Elem(),
			Records: pulumi.StringArray{proof.ResourceRecordValue().Elem()},
			Ttl:     pulumi.Int(60),
			// In a zone that others use as well, the account may have asked for a certificate of
			// the name before: the record is there then, and it is this one.
			AllowOverwrite: pulumi.Bool(true),
		}, base.Parent(), pulumi.RetainOnDelete(args.SharedZone))
		if err != nil {
			return nil, base.Wrap("create", "validation record for "+domain, err)
		}
		proofs = append(proofs, record.Fqdn)
	}

	if c.LoadBalancerArn, err = validate(ctx, base.Child("load-balancer"), loadBalancer, proofs, inRegion); err != nil {
		return nil, err
	}
	if c.CloudFrontArn, err = validate(ctx, base.Child("cloudfront"), cloudFront, proofs, inUsEast1); err != nil {
		return nil, err
	}
	return c, base.Outputs(pulumi.Map{
		"cloudFrontArn": c.CloudFrontArn, "loadBalancerArn": c.LoadBalancerArn,
	})
}

// names are all names that the certificates cover, the apex first.
func (a *CertificatesArgs) names() []string {
	return append(a.Domain.Names(), settings.Strings(a.Hosts)...)
}

// newCertificate asks for a certificate. Another set of names is another certificate: the new one
// is issued and in use before the old one is deleted.
func newCertificate(
	ctx *pulumi.Context, name string, domains []string, opts []pulumi.ResourceOption,
) (*acm.Certificate, error) {
	certificate, err := acm.NewCertificate(ctx, name, &acm.CertificateArgs{
		DomainName:              pulumi.String(domains[0]),
		SubjectAlternativeNames: pulumi.ToStringArray(domains[1:]),
		ValidationMethod:        pulumi.String("DNS"),
	}, opts...)
	if err != nil {
		return nil, fmt.Errorf("request certificate %q: %w", name, err)
	}
	return certificate, nil
}

// validationOption finds a domain's option by its name: ACM returns a set, in no order to rely on.
func validationOption(certificate *acm.Certificate, domain string) acm.CertificateDomainValidationOptionOutput {
	return certificate.DomainValidationOptions.ApplyT(
		func(options []acm.CertificateDomainValidationOption) (acm.CertificateDomainValidationOption, error) {
			for _, option := range options {
				if option.DomainName != nil && *option.DomainName == domain {
					return option, nil
				}
			}
			return acm.CertificateDomainValidationOption{}, fmt.Errorf("find validation record of %s: ACM returned "+
				"none for it", domain)
		}).(acm.CertificateDomainValidationOptionOutput)
}

// validate waits until ACM has seen the records and issued the certificate.
func validate(
	ctx *pulumi.Context, name string, certificate *acm.Certificate, proofs pulumi.StringArray,
	opts []pulumi.ResourceOption,
) (pulumi.StringOutput, error) {
	validation, err := acm.NewCertificateValidation(ctx, name, &acm.CertificateValidationArgs{
		CertificateArn:        certificate.Arn,
		ValidationRecordFqdns: proofs,
	}, opts...)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("validate certificate %q: %w", name, err)
	}
	return validation.CertificateArn, nil
}
