package edge

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const (
	typeCertificate = "aws:acm/certificate:Certificate"
	typeValidation  = "aws:acm/certificateValidation:CertificateValidation"
	typeRecord      = "aws:route53/record:Record"
)

func buildCertificates(t *testing.T, change func(*CertificatesArgs)) (*recorder.Recorder, *Certificates, error) {
	t.Helper()
	var certificates *Certificates
	r, err := recorded(t,
		func(ctx *pulumi.Context, usEast1 pulumi.ProviderResource, opts ...pulumi.ResourceOption) error {
			args := &CertificatesArgs{Domain: "example.com", ZoneID: pulumi.String("ZONE"), UsEast1: usEast1}
			if change != nil {
				change(args)
			}
			var err error
			certificates, err = NewCertificates(ctx, "certificates", args, opts...)
			return err
		})
	return r, certificates, err
}

func TestCertificatesCoverFurtherNames(t *testing.T) {
	r, _, err := buildCertificates(t, func(a *CertificatesArgs) { a.Hosts = []Domain{"admin.example.com"} })
	require.NoError(t, err)
	for _, name := range []string{"certificates-cloudfront", "certificates-load-balancer"} {
		assert.Equal(t, []any{"www.example.com", "origin.example.com", "admin.example.com"},
			one(t, r, typeCertificate, name).Input("subjectAlternativeNames"))
		assert.Contains(t, one(t, r, typeValidation, name).Input("validationRecordFqdns"), "_acm.admin.example.com")
	}
	one(t, r, typeRecord, "certificates-admin.example.com")
}

func TestCertificatesCoverEveryNameInBothRegions(t *testing.T) {
	r, certificates, err := buildCertificates(t, nil)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		typeCertificate + " certificates-cloudfront":    "us-east-1",
		typeCertificate + " certificates-load-balancer": "aws",
		typeValidation + " certificates-cloudfront":     "us-east-1",
		typeValidation + " certificates-load-balancer":  "aws",
		typeRecord + " certificates-example.com":        "aws",
		typeRecord + " certificates-origin.example.com": "aws",
		typeRecord + " certificates-www.example.com":    "aws",
	}, providers(r))
	assert.Empty(t, r.Orphans())
	for _, domain := range []string{"example.com", "origin.example.com", "www.example.com"} {
		assert.Equal(t, 60.0, one(t, r, typeRecord, "certificates-"+domain).Input("ttl"), domain)
	}
	for _, name := range []string{"certificates-cloudfront", "certificates-load-balancer"} {
		certificate := one(t, r, typeCertificate, name)
		assert.Equal(t, "example.com", certificate.Input("domainName"))
		assert.Equal(t, []any{"www.example.com", "origin.example.com"}, certificate.Input("subjectAlternativeNames"))
		assert.Equal(t, "DNS", certificate.Input("validationMethod"))
		validation := one(t, r, typeValidation, name)
		assert.Equal(t, []any{"_acm.example.com", "_acm.www.example.com", "_acm.origin.example.com"},
			validation.Input("validationRecordFqdns"))
		assert.Equal(t, "arn:aws:test:ap-northeast-1:111122223333:"+name, validation.Input("certificateArn"))
	}
	assert.Equal(t, "arn:aws:test:ap-northeast-1:111122223333:certificates-cloudfront",
		value[string](t, certificates.CloudFrontArn))
	assert.Equal(t, "arn:aws:test:ap-northeast-1:111122223333:certificates-load-balancer",
		value[string](t, certificates.LoadBalancerArn))
}

// The recorder answers with the options in reverse order, as ACM may.
func TestValidationRecordsAreFoundByDomain(t *testing.T) {
	r, _, err := buildCertificates(t, nil)
	require.NoError(t, err)
	for _, domain := range []string{"example.com", "www.example.com", "origin.example.com"} {
		record := one(t, r, typeRecord, "certificates-"+domain)
		assert.Equal(t, "_acm."+domain, record.Input("name"))
		assert.Equal(t, "CNAME", record.Input("type"))
		assert.Equal(t, []any{"_proof." + domain + ".acm-validations.aws"}, record.Input("records"))
		assert.Equal(t, "ZONE", record.Input("zoneId"))
	}
}

// ACM asks for one record of a name in an account: another stack, or what was there before, may
// have made it, and is renewed by it.
func TestValidationRecordsMayBeThereAlready(t *testing.T) {
	for _, shared := range []bool{false, true} {
		r, _, err := buildCertificates(t, func(a *CertificatesArgs) { a.SharedZone = shared })
		require.NoError(t, err)
		for _, domain := range []string{"example.com", "www.example.com", "origin.example.com"} {
			record := one(t, r, typeRecord, "certificates-"+domain)
			assert.Equal(t, true, record.Input("allowOverwrite"))
			assert.Equal(t, shared, record.RetainOnDelete, domain)
		}
	}
}

func TestCertificatesRefuse(t *testing.T) {
	for name, change := range map[string]func(*CertificatesArgs){
		"no zone":                  func(a *CertificatesArgs) { a.ZoneID = nil },
		"no provider of us-east-1": func(a *CertificatesArgs) { a.UsEast1 = nil },
		"no domain":                func(a *CertificatesArgs) { a.Domain = "example" },
	} {
		t.Run(name, func(t *testing.T) {
			r, _, err := buildCertificates(t, change)
			require.ErrorContains(t, err, "Domain (a domain name), ZoneID and UsEast1 are required")
			assert.Empty(t, r.Keys())
		})
	}
}
