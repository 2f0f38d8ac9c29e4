package network

import (
	"fmt"
	"net/netip"
)

// The subnets of a zone with index N are the VPC's blocks N, 10+N and 20+N, each eight bits longer
// than the VPC: in 10.0.0.0/16 that is 10.0.N.0/24, 10.0.1N.0/24 and 10.0.2N.0/24. A zone's place
// follows from its index alone, so that adding a zone moves no other.
const (
	subnetBits    = 8
	privateOffset = 10
	databaseFirst = 20

	minIndex, maxIndex = 1, 9
)

// The sizes that AWS and its services allow. A VPC of /19 still gives /27 subnets.
const (
	largestVPC, smallestVPC = 16, 19
	// smallestSubnet is what a load balancer asks for in each zone, and room for tasks.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#availability-zones
	smallestSubnet = 27
	// smallestDatabaseSubnet is the smallest subnet there is.
	smallestDatabaseSubnet = 28
)

// Subnets are the address blocks of one zone.
type Subnets struct {
	Public, Private, Database netip.Prefix
}

// Layout returns the blocks of the zone with an index from 1 to 9 in a VPC of /16 to /19.
func Layout(vpc netip.Prefix, index int) (Subnets, error) {
	if !vpc.Addr().Is4() || vpc.Bits() < largestVPC || vpc.Bits() > smallestVPC {
		return Subnets{}, fmt.Errorf("lay out subnets in %s: want an IPv4 block of /%d to /%d", vpc, largestVPC,
			smallestVPC)
	}
	if index < minIndex || index > maxIndex {
		return Subnets{}, fmt.Errorf("lay out subnets of zone index %d: want %d to %d", index, minIndex, maxIndex)
	}
	return Subnets{
		Public:   block(vpc, index),
		Private:  block(vpc, privateOffset+index),
		Database: block(vpc, databaseFirst+index),
	}, nil
}

func block(vpc netip.Prefix, number int) netip.Prefix {
	bits := vpc.Bits() + subnetBits
	start := vpc.Masked().Addr().As4()
	address := uint32(start[0])<<24 | uint32(start[1])<<16 | uint32(start[2])<<8 | uint32(start[3])
	address += uint32(number) << (32 - bits)
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{
		byte(address >> 24), byte(address >> 16), byte(address >> 8), byte(address),
	}), bits)
}

// contains says whether inner lies wholly in outer.
func contains(outer, inner netip.Prefix) bool {
	return outer.Overlaps(inner) && outer.Bits() <= inner.Bits()
}
