package edge

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Domain is a domain name in lower case, without a dot at its end.
type Domain string

// WWW is the name under which people visit the site.
func (d Domain) WWW() string { return "www." + string(d) }

// Origin is the name under which CloudFront reaches the load balancer.
func (d Domain) Origin() string { return "origin." + string(d) }

// Names are the three names that certificates cover, the apex first.
func (d Domain) Names() []string { return []string{string(d), d.WWW(), d.Origin()} }

// domainName is two labels or more, each of 1 to 63 characters.
var domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// maxCommonName is the longest first name that ACM takes, since it becomes the certificate's common
// name.
// https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
const maxCommonName = 64

// valid says whether d is a public domain name short enough for a certificate. No top-level domain
// is a number.
func (d Domain) valid() bool {
	last := d[strings.LastIndex(string(d), ".")+1:]
	return len(d) <= maxCommonName && domainName.MatchString(string(d)) &&
		strings.Trim(string(last), "0123456789") != ""
}

// Rule implements settings.Ruled.
func (Domain) Rule() settings.Rule {
	return settings.Rule{
		Pattern: domainName,
		Length:  settings.AtMost(maxCommonName),
		Valid:   func(name string) bool { return Domain(name).valid() },
		Want: fmt.Sprintf("a domain name such as example.com, in lower case, at most %d characters, with no dot "+
			"at the end", maxCommonName),
	}
}

// in says whether d is a zone's apex or a name below it.
func (d Domain) in(zone Domain) bool {
	return d == zone || strings.HasSuffix(string(d), "."+string(zone))
}

// at is the path of a list's element.
func at(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }
