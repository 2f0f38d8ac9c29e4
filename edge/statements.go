package edge

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// statementSeconds is how long resolvers keep what the domain says of itself. It changes seldom,
// and a mistake must not stay for a day.
const statementSeconds = 3600

// statements are the records by which the domain says who may issue certificates for it, and that
// it has no mail.
func (a *RecordsArgs) statements() []record {
	var all []record
	say := func(key, name, kind string, values ...string) {
		all = append(all, record{key, &route53.RecordArgs{
			ZoneId:  a.ZoneID,
			Name:    pulumi.String(name),
			Type:    pulumi.String(kind),
			Ttl:     pulumi.Int(statementSeconds),
			Records: pulumi.ToStringArray(values),
		}})
	}
	if authorities := a.Config.CertificateAuthorities; len(authorities) > 0 {
		var values []string
		for _, one := range slices.Sorted(slices.Values(authorities)) {
			values = append(values, fmt.Sprintf("0 issue %q", one))
		}
		say("caa", string(a.Domain), "CAA", values...)
	}
	if a.Config.Mail != MailNone {
		return all
	}
	// A name without MX records takes mail at its address, so that each name needs both: nobody
	// delivers to it (RFC 7505), and nobody sends from it (RFC 7208).
	names := map[string]string{"apex": string(a.Domain), "www": a.Domain.WWW(), "origin": a.Domain.Origin()}
	for _, key := range sortedKeys(names) {
		say(key+"-mx", names[key], "MX", "0 .")
		say(key+"-spf", names[key], "TXT", "v=spf1 -all")
	}
	say("dmarc", "_dmarc."+string(a.Domain), "TXT", "v=DMARC1; p=reject; adkim=s; aspf=s")
	say("dkim", "*._domainkey."+string(a.Domain), "TXT", "v=DKIM1; p=") // every key is revoked
	return all
}
