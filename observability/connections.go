package observability

import "math"

// gibibytesPerUnit is about the memory of an Aurora capacity unit.
const gibibytesPerUnit = 2

// connectionLimit is max_connections of an Aurora PostgreSQL instance with the default parameter,
// which follows from the capacity range: AWS documents 189 for a maximum of 1 ACU, 823 for 4, 1669
// for 8 and 3360 for 16, which lie on a line, and 5000 from 32 on. With a minimum of 0 or 0.5 ACU
// the limit is 2000 at most.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
func connectionLimit(minACU, maxACU float64) float64 {
	const perUnit, overhead, most, mostFromIdle = 211.4, 22.4, 5000, 2000
	limit := math.Min(math.Round(perUnit*maxACU-overhead), most)
	if minACU <= 0.5 {
		limit = math.Min(limit, mostFromIdle)
	}
	return limit
}

// memoryBytes is the memory of an instance at its greatest capacity. FreeableMemory counts from
// there, whatever the capacity is now.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
func memoryBytes(maxACU float64) float64 { return maxACU * gibibytesPerUnit * (1 << 30) }
