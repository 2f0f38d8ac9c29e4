package aws

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatTheEdgeComputes(t *testing.T) {
	w := newWorld(t)
	g := w.global()
	zone := w.zone()
	certificate := g.make(certificateType, "site",
		in{"domainName": "example.com", "subjectAlternativeNames": []any{"www.example.com"}})
	acl := g.make(webACLType, "site", webACL(in{"name": "site"}))
	list := g.addresses(in{"name": "deny"})
	function := w.make(functionType, "redirect", in{"name": "redirect", "code": "x", "runtime": "cloudfront-js-2.0"})
	policy := w.make(cachePolicyType, "static", cacheKey(60, "none", nil, true))
	access := w.access()
	check := w.make(healthCheckType, "site", in{"type": "HTTPS", "fqdn": "www.example.com"})
	made := newWorld(t)
	site := made.make(distributionType, "site", distribution(made.certified("www.example.com"), nil))

	for name, test := range map[string]struct {
		o       object
		id, arn string
	}{
		"a zone":        {zone, `^Z[A-Z0-9]{20}$`, `^arn:aws:route53:::hostedzone/Z[A-Z0-9]{20}$`},
		"a certificate": {certificate, `^arn:`, `^arn:aws:acm:us-east-1:123456789012:certificate/[0-9a-f-]{36}$`},
		"a web ACL": {acl, `^[0-9a-f-]{36}$`,
			`^arn:aws:wafv2:us-east-1:123456789012:global/webacl/site/[0-9a-f-]{36}$`},
		"an address list": {list, `^[0-9a-f-]{36}$`,
			`^arn:aws:wafv2:us-east-1:123456789012:global/ipset/deny/[0-9a-f-]{36}$`},
		"a function": {function, `^redirect$`, `^arn:aws:cloudfront::123456789012:function/redirect$`},
		"a cache policy": {policy, `^[0-9a-f-]{36}$`,
			`^arn:aws:cloudfront::123456789012:cache-policy/[0-9a-f-]{36}$`},
		"origin access":    {access, `^E[A-Z0-9]{13}$`, `^arn:aws:cloudfront::123456789012:origin-access-control/E`},
		"a health check":   {check, `^[0-9a-f-]{36}$`, `^arn:aws:route53:::healthcheck/`},
		"the distribution": {site, `^E[A-Z0-9]{13}$`, `^arn:aws:cloudfront::123456789012:distribution/E`},
	} {
		assert.Regexp(t, test.id, test.o.id, name)
		assert.Regexp(t, test.arn, test.o.text("arn"), name)
	}
	assert.Len(t, zone.outputs["nameServers"].ArrayValue(), 4)
	assert.Equal(t, zone.id, zone.text("zoneId"))
	assert.Regexp(t, `^d[a-z0-9]{13}\.cloudfront\.net$`, site.text("domainName"))
	assert.Equal(t, "Z2FDTNDATAQYW2", site.text("hostedZoneId"))
}

func TestCertificatesOfOneDomainAskForOneRecord(t *testing.T) {
	w := newWorld(t)
	options := func(w *world, domain string) any {
		o := w.make(certificateType, "certificate", in{"domainName": domain})
		return o.outputs["domainValidationOptions"].ArrayValue()[0].ObjectValue().Mappable()
	}
	here, there := options(w, "example.com"), options(w.global(), "example.com")
	assert.Equal(t, here, there)
	assert.NotEqual(t, here, options(w, "example.net"))
	assert.NotEqual(t, here, options(w.other(tokyo, "999999999999", nil), "example.com"))
}

func TestNamesOfRecordsAreCompleted(t *testing.T) {
	w := newWorld(t)
	zone := w.zone()
	for name, want := range map[string]string{
		"www":              "www.example.com",
		"WWW.example.com.": "www.example.com",
		"":                 "example.com",
		"www.example.net":  "www.example.net.example.com",
	} {
		record := w.make(recordType, "record"+want, in{
			"zoneId":  zone.id,
			"name":    name,
			"type":    "TXT",
			"ttl":     60,
			"records": []any{"x"},
		})
		assert.Equal(t, want, record.text("fqdn"), name)
		require.NoError(t, w.delete(record))
	}
}

// A zone that another program made can be read by its id, which is how the program adopts one.
func TestAZoneIsReadByItsID(t *testing.T) {
	w := newWorld(t)
	zone := w.zone()
	read := w.read(object{typ: zoneType, name: "adopted", id: zone.id})
	assert.Equal(t, "example.com", read.Outputs["name"].StringValue())
	assert.Empty(t, w.read(object{typ: zoneType, name: "adopted", id: "Z404"}).ID)
}
