package aws

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The way of a new stack: the zone, then the registrar, then the certificate.
func TestACertificateIsIssuedOnceTheRegistrarPointsAtItsZone(t *testing.T) {
	w := newWorld(t)
	zone := w.make(zoneType, "zone", in{"name": "example.com"})
	certificate := w.make(certificateType, "site", in{"domainName": "example.com", "validationMethod": "DNS"})
	w.validateIn(zone, certificate)
	validation := in{"certificateArn": certificate.text("arn")}
	assert.ErrorContains(t, failed(w.try(validationType, "site", validation)),
		"timeout while waiting for state to become 'ISSUED'")

	require.NoError(t, Delegate(w.cloud, "example.com", []string{"ns-1.registrar.example", "ns-2.registrar.example"}))
	assert.ErrorContains(t, failed(w.try(validationType, "site", validation)), "does the registrar point at its zone?",
		"it points elsewhere")

	w.delegate(zone)
	assert.NoError(t, failed(w.try(validationType, "site", validation)))
	assert.ErrorContains(t, Delegate(w.cloud, "example.com", nil), "no name servers")
}
