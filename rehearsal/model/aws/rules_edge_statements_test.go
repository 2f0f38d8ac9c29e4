package aws

var statementPairs = map[string]pair{
	"values of a record's type": {
		want: `InvalidChangeBatch: [Invalid Resource Record: 'FATAL problem: CAARRDATAIllegalFormat (Value is not ` +
			`well formed) encountered with '0 issue amazon.com'']`,
		refuses: func(w *world) error {
			zone := w.zone()
			for typ, value := range map[string]string{"MX": "mail.example.com", "TXT": `say "no"`} {
				if w.record(typ, zone, in{"type": typ, "records": []any{value}}) == nil {
					return nil
				}
			}
			return w.record("caa", zone, in{"type": "CAA", "records": []any{"0 issue amazon.com"}})
		},
		passes: func(w *world) error {
			zone := w.zone()
			for typ, value := range map[string]string{
				"MX":    "0 .",
				"TXT":   "v=spf1 -all",
				"CAA":   `0 issue "amazon.com"`,
				"HTTPS": "1 . alpn=h3,h2",
			} {
				if err := w.record(typ, zone, in{"type": typ, "records": []any{value}}); err != nil {
					return err
				}
			}
			return nil
		},
	},
	"a health check keeps its regions": {
		want: "InvalidInput: Invalid parameter : regions must have at least 3 values, got 0",
		refuses: func(w *world) error {
			check := in{"type": "HTTPS", "fqdn": "www.example.com", "requestInterval": 30, "failureThreshold": 3}
			return failed(w.update(w.make(healthCheckType, "site", check), with(check, in{"failureThreshold": 5})))
		},
		passes: func(w *world) error {
			check := in{
				"type": "HTTPS", "fqdn": "www.example.com", "requestInterval": 30, "failureThreshold": 3,
				"regions": []any{"us-east-1", "eu-west-1", "us-west-2"},
			}
			return failed(w.update(w.make(healthCheckType, "site", check), with(check, in{"failureThreshold": 5})))
		},
	},
	"a certificate of an authority that the domain allows": {
		want: "unexpected state 'FAILED', wanted target 'ISSUED'. last error: CAA_ERROR: the CAA record of " +
			"example.com does not let Amazon issue a certificate for www.example.com",
		refuses: func(w *world) error { return w.issued(`0 issue "letsencrypt.org"`) },
		passes:  func(w *world) error { return w.issued(`0 issue "letsencrypt.org"`, `0 issue "amazon.com"`) },
	},
}

// issued asks for a certificate where the zone's apex has a CAA record.
func (w *world) issued(authorities ...any) error {
	certificate := w.make(certificateType, "here", in{"domainName": "www.example.com", "validationMethod": "DNS"})
	zone := w.zone()
	w.validateIn(zone, certificate)
	if err := w.record("caa", zone, in{"name": "example.com", "type": "CAA", "records": authorities}); err != nil {
		return err
	}
	return failed(w.try(validationType, "site", in{"certificateArn": certificate.text("arn")}))
}
