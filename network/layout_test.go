package network

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestLayoutOfTheOriginalDesign(t *testing.T) {
	vpc := netip.MustParsePrefix("10.0.0.0/16")
	for index, want := range map[int][3]string{
		1: {"10.0.1.0/24", "10.0.11.0/24", "10.0.21.0/24"},
		2: {"10.0.2.0/24", "10.0.12.0/24", "10.0.22.0/24"},
		9: {"10.0.9.0/24", "10.0.19.0/24", "10.0.29.0/24"},
	} {
		got, err := Layout(vpc, index)
		require.NoError(t, err)
		assert.Equal(t, want, [3]string{got.Public.String(), got.Private.String(), got.Database.String()})
	}
}

func TestLayoutRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		vpc   string
		index int
		want  string
	}{
		"a VPC that AWS does not make":         {"10.0.0.0/15", 1, "want an IPv4 block of /16 to /19"},
		"a VPC with no room for load balancer": {"10.0.0.0/20", 1, "want an IPv4 block of /16 to /19"},
		"an IPv6 block":                        {"fd00::/16", 1, "want an IPv4 block"},
		"index 0":                              {"10.0.0.0/16", 0, "want 1 to 9"},
		"index 10":                             {"10.0.0.0/16", 10, "want 1 to 9"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Layout(netip.MustParsePrefix(c.vpc), c.index)
			assert.ErrorContains(t, err, c.want)
		})
	}
}

// anyVPC draws a block that Layout takes, wherever it lies.
func anyVPC(t *rapid.T) netip.Prefix {
	octets := rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address")
	bits := rapid.IntRange(largestVPC, smallestVPC).Draw(t, "bits")
	return netip.PrefixFrom(netip.AddrFrom4([4]byte(octets)), bits).Masked()
}

func TestSubnetsAreContainedAndApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vpc := anyVPC(t)
		indexes := rapid.SliceOfNDistinct(rapid.IntRange(minIndex, maxIndex), 1, 9, rapid.ID[int]).Draw(t, "indexes")
		var all []netip.Prefix
		for _, index := range indexes {
			got, err := Layout(vpc, index)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, got.Public, got.Private, got.Database)
		}
		for i, one := range all {
			if !contains(vpc, one) || one != one.Masked() || one.Bits() != vpc.Bits()+subnetBits {
				t.Fatalf("%s is no subnet of %s", one, vpc)
			}
			for _, other := range all[i+1:] {
				if one.Overlaps(other) {
					t.Fatalf("%s overlaps %s", one, other)
				}
			}
		}
	})
}

func TestOneZoneMoreMovesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vpc := anyVPC(t)
		indexes := rapid.SliceOfNDistinct(rapid.IntRange(minIndex, maxIndex), 3, 9, rapid.ID[int]).Draw(t, "indexes")
		zones := make([]Zone, len(indexes))
		for i, index := range indexes {
			zones[i] = Zone{Name: string(rune('a' + i)), Index: index}
		}
		config := Config{CIDR: vpc.String(), Zones: zones[:len(zones)-1]}
		before, err := config.subnets()
		if err != nil {
			t.Fatal(err)
		}
		config.Zones = append([]Zone{zones[len(zones)-1]}, config.Zones...)
		after, err := config.subnets()
		if err != nil {
			t.Fatal(err)
		}
		for zone, subnets := range before {
			if after[zone] != subnets {
				t.Fatalf("zone %s moved from %v to %v", zone, subnets, after[zone])
			}
		}
		if len(after) != len(before)+1 {
			t.Fatalf("%d zones became %d", len(before), len(after))
		}
	})
}
