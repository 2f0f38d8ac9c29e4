package cloudwatch

import (
	"fmt"
	"math"
	"strconv"
)

// unit is what AWS counts a metric in.
type unit int

const (
	pieces unit = iota
	percent
	byteCount
	seconds
	milliseconds
	perSecond
	days
)

// units are those of metrics that count in something else than pieces, from the documentation of
// each namespace.
var units = map[string]map[string]unit{
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
	"AWS/ApplicationELB": {"TargetResponseTime": seconds},
	// https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html
	"AWS/CertificateManager": {"DaysToExpiry": days},
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
	"AWS/CloudFront": {
		"4xxErrorRate":  percent,
		"5xxErrorRate":  percent,
		"CacheHitRate":  percent,
		"OriginLatency": milliseconds,
	},
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
	"AWS/ECS": {"CPUUtilization": percent, "MemoryUtilization": percent},
	// https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
	"AWS/Firehose": {"DeliveryToHttpEndpoint.DataFreshness": seconds, "DeliveryToS3.DataFreshness": seconds},
	// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
	"AWS/RDS": {
		"ACUUtilization":          percent,
		"AuroraReplicaLag":        milliseconds,
		"AuroraReplicaLagMaximum": milliseconds,
		"CPUUtilization":          percent,
		"Deadlocks":               perSecond,
		"FreeLocalStorage":        byteCount,
		"FreeableMemory":          byteCount,
	},
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	"AWS/SQS": {"ApproximateAgeOfOldestMessage": seconds},
}

// Quantity is a value of a metric as people write it: 3.2 GiB, 1 a minute, 5 %. A metric of a
// namespace that this package does not know, and one that counts pieces, is a number alone.
func Quantity(namespace, metric string, value float64) string {
	switch units[namespace][metric] {
	case percent:
		return Figure(value) + " %"
	case byteCount:
		return size(value)
	case seconds:
		return Figure(value) + " s"
	case milliseconds:
		return Figure(value) + " ms"
	case perSecond:
		return rate(value)
	case days:
		return Figure(value) + " days"
	case pieces:
	}
	return Figure(value)
}

// Figure is a number with four significant digits, or with all of those before its point.
func Figure(value float64) string {
	if value == 0 {
		return "0"
	}
	places := max(0, 3-int(math.Floor(math.Log10(math.Abs(value)))))
	scale := math.Pow(10, float64(places))
	return strconv.FormatFloat(math.Round(value*scale)/scale, 'f', -1, 64)
}

// size is a number of bytes in the largest binary unit of which there is one at least.
func size(value float64) string {
	for _, one := range []struct {
		bytes float64
		name  string
	}{{1 << 40, "TiB"}, {1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if math.Abs(value) >= one.bytes {
			return Figure(value/one.bytes) + " " + one.name
		}
	}
	return Figure(value) + " B"
}

// Period is a time in the largest unit of which it is a whole number: 1 day, 5 min, 90 s.
func Period(seconds int) string {
	for _, one := range []struct {
		seconds int
		name    string
	}{{86_400, "day"}, {3_600, "h"}, {60, "min"}} {
		if seconds > 0 && seconds%one.seconds == 0 {
			name := one.name
			if name == "day" && seconds > one.seconds {
				name = "days"
			}
			return fmt.Sprintf("%d %s", seconds/one.seconds, name)
		}
	}
	return fmt.Sprintf("%d s", seconds)
}

// rate is a number a second in the shortest time in which there is one at least.
func rate(value float64) string {
	const minute, hour = 60, 3600
	switch amount := math.Abs(value); {
	case amount == 0 || amount >= 1:
		return Figure(value) + " a second"
	case amount*minute >= 0.999999:
		return Figure(value*minute) + " a minute"
	default:
		return Figure(value*hour) + " an hour"
	}
}
