package network

import (
	"net/netip"
	"testing"
)

// BenchmarkLayout lays out the subnets of every zone that a VPC can have.
func BenchmarkLayout(b *testing.B) {
	vpc := netip.MustParsePrefix("10.0.0.0/16")
	b.ReportAllocs()
	for b.Loop() {
		for index := minIndex; index <= maxIndex; index++ {
			if _, err := Layout(vpc, index); err != nil {
				b.Fatal(err)
			}
		}
	}
}
