package adopt

import (
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/names"
)

func (m *matcher) edge() {
	m.zone()
	www, apex := "www."+m.stack.Domain, m.stack.Domain
	m.expect("", catalog.Record, "records-www-a", "records-www-aaaa", "records-apex-a", "records-apex-aaaa",
		"records-origin-primary")
	for _, one := range m.of("aws_route53_record") {
		name, kind := strings.TrimSuffix(one.Text("fqdn"), "."), one.Text("type")
		switch {
		case kind == "CNAME" && strings.HasPrefix(name, "_") && m.validates(one):
			m.overwrite(one, catalog.Record, "certificates-"+strings.TrimSuffix(name[strings.IndexByte(name,
				'.')+1:], "."),
				"not imported: the program writes the same value over it")
		case (name == www || name == apex) && (kind == "CNAME" || one.Text("set_identifier") != ""):
			m.decide(one)
			m.refuse(one.Address,
				"found a record of %s that is a CNAME or one of several, want an alias of the distribution of type A: "+
					"no other can stand beside it; change it with Terraform first", name)
		case (name == www || name == apex) && (kind == "A" || kind == "AAAA"):
			key := map[string]string{www: "www", apex: "apex"}[name] + "-" + strings.ToLower(kind)
			m.importAs(one, catalog.Record, "records-"+key, one.Text("zone_id")+"_"+name+"_"+kind, nil)
		}
	}
	for _, one := range m.of("aws_acm_certificate", "aws_acm_certificate_validation") {
		m.leaveToTerraform(one, "it covers other names, which replace it: certificates for three names stand beside it")
	}
	m.distribution(www)
	m.firewall()
}

// zone is the stack's own zone, or one above it that the stack reads.
func (m *matcher) zone() {
	if m.stack.ZoneID != "" {
		return
	}
	m.expect("", catalog.Zone, "zone-zone")
	for _, one := range m.of("aws_route53_zone") {
		if strings.TrimSuffix(one.Text("name"), ".") != m.stack.ZoneName || len(one.Blocks("vpc")) > 0 {
			continue
		}
		m.importAs(one, catalog.Zone, "zone-zone", one.Text("zone_id"), nil)
		m.requireSetting("edge", []string{"zone", "delegated"}, true, "the registrar points at the zone already")
	}
}

// validates says whether a record proves to ACM that a name of the site is ours.
func (m *matcher) validates(record Instance) bool {
	_, of, _ := strings.Cut(strings.TrimSuffix(record.Text("fqdn"), "."), ".")
	return slices.Contains([]string{m.stack.Domain, "www." + m.stack.Domain, "origin." + m.stack.Domain}, of) &&
		slices.ContainsFunc(record.Texts("records"), func(value string) bool {
			return strings.HasSuffix(strings.TrimSuffix(value, "."), ".acm-validations.aws")
		})
}

func (m *matcher) distribution(www string) {
	m.expect("", catalog.Distribution, "distribution-distribution")
	var found []Instance
	for _, one := range m.of("aws_cloudfront_distribution") {
		if slices.Contains(one.Texts("aliases"), www) {
			found = append(found, one)
		}
	}
	if one, ok := m.only("distribution of "+www, found); ok {
		if one.Bool("staging") {
			m.refuse(one.Address+".staging",
				"found true, want false: another value replaces the distribution; promote it first")
		}
		m.importFrozen(one, catalog.Distribution, "distribution-distribution", one.ID(), nil, adopted.Move)
	}
	for _, one := range m.of("aws_cloudfront_origin_access_control") {
		if one.Text("origin_access_control_origin_type") == "s3" &&
			m.result.Config.Resources[catalog.OriginAccessControl+" distribution-assets"].ID == "" {
			m.importAs(one, catalog.OriginAccessControl, "distribution-assets", one.ID(), generatedName)
		}
	}
	for _, one := range m.of("aws_cloudfront_function", "aws_cloudfront_cache_policy",
		"aws_cloudfront_response_headers_policy",
		"aws_cloudfront_origin_request_policy", "aws_cloudfront_origin_access_identity") {
		m.leaveToTerraform(one, "the distribution uses the program's own from the stage move on")
	}
}

func (m *matcher) firewall() {
	m.expect("", catalog.WebACL, "web-acl-acl")
	var found []Instance
	for _, one := range m.of("aws_wafv2_web_acl") {
		if one.Text("scope") == "CLOUDFRONT" && region(one) == names.UsEast1 {
			found = append(found, one)
		}
	}
	if one, ok := m.only("web ACL of CloudFront", found); ok {
		m.importFrozen(one, catalog.WebACL, "web-acl-acl", one.ID()+"/"+one.Text("name")+"/CLOUDFRONT", generatedName,
			adopted.Move)
	}
	for _, one := range m.of("aws_wafv2_web_acl_logging_configuration") {
		if slices.ContainsFunc(found,
			func(acl Instance) bool { return acl.Text("arn") == one.Text("resource_arn") }) {
			m.importAs(one, catalog.WebACLLogging, "web-acl-logs", one.Text("resource_arn"), nil)
		}
	}
	for _, one := range m.of("aws_wafv2_ip_set", "aws_wafv2_regex_pattern_set") {
		m.leaveToTerraform(one, "the web ACL uses the program's own from the stage move on")
	}
}
