package cloudwatch

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestQuantitiesForPeople(t *testing.T) {
	for _, c := range []struct {
		namespace, metric string
		value             float64
		want              string
	}{
		{"AWS/RDS", "FreeableMemory", 3435973836.8, "3.2 GiB"},
		{"AWS/RDS", "FreeLocalStorage", 2 << 40, "2 TiB"},
		{"AWS/RDS", "FreeLocalStorage", 512 << 10, "512 KiB"},
		{"AWS/RDS", "FreeableMemory", 12, "12 B"},
		{"AWS/RDS", "FreeableMemory", 0, "0 B"},
		{"AWS/RDS", "Deadlocks", 1.0 / 60, "1 a minute"},
		{"AWS/RDS", "Deadlocks", 0.001, "3.6 an hour"},
		{"AWS/RDS", "Deadlocks", 2.5, "2.5 a second"},
		{"AWS/RDS", "Deadlocks", 0, "0 a second"},
		{"AWS/RDS", "AuroraReplicaLagMaximum", 1000, "1000 ms"},
		{"AWS/RDS", "DatabaseConnections", 4000, "4000"},
		{"AWS/ECS", "CPUUtilization", 85, "85 %"},
		{"AWS/CloudFront", "5xxErrorRate", 5, "5 %"},
		{"AWS/ApplicationELB", "TargetResponseTime", 1.5, "1.5 s"},
		{"AWS/CertificateManager", "DaysToExpiry", 30, "30 days"},
		{"Logs/production", "errors", 1234567, "1234567"},
		{"Logs/production", "rate", 1.0 / 3, "0.3333"},
		{"Logs/production", "rate", -12.3456, "-12.35"},
	} {
		assert.Equal(t, c.want, Quantity(c.namespace, c.metric, c.value), "%s %g", c.metric, c.value)
	}
}

func TestPeriodsForPeople(t *testing.T) {
	for seconds, want := range map[int]string{
		0: "0 s", 10: "10 s", 60: "1 min", 90: "90 s", 300: "5 min", 3600: "1 h", 5400: "90 min", 86_400: "1 day",
		604_800: "7 days",
	} {
		assert.Equal(t, want, Period(seconds))
	}
}
