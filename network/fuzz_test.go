package network

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzSubnets holds of every VPC and every two zones that Validate takes: the six subnets are real
// blocks inside the VPC, and none overlaps another.
func FuzzSubnets(f *testing.F) {
	f.Add("10.0.0.0/16", 1, 2, "", "", "")
	f.Add("192.168.32.0/19", 1, 9, "192.168.40.0/27", "", "192.168.41.0/28")
	f.Add("10.0.0.0/16", 1, 1, "10.0.11.0/24", "10.0.0.0/16", "10.0.21.128/25")
	f.Add("255.255.240.0/19", 9, 8, "::/0", "10.0.0.0/33", "0.0.0.0/0")
	f.Fuzz(func(t *testing.T, cidr string, one, two int, public, private, database string) {
		c := prod().Config
		c.CIDR = cidr
		c.Zones = []Zone{
			{Name: "ap-northeast-1a", Index: one, Public: public, Private: private, Database: database},
			{Name: "ap-northeast-1c", Index: two},
		}
		problems := c.Validate("ap-northeast-1")
		for _, problem := range problems {
			assert.Regexp(t, `^(cidr|zones\[[01]\]\.(index|public|private|database))$`, problem.Path)
		}
		if len(problems) > 0 {
			return
		}
		vpc := netip.MustParsePrefix(cidr)
		subnets, err := c.subnets()
		require.NoError(t, err)
		var blocks []netip.Prefix
		for _, zone := range subnets {
			blocks = append(blocks, zone.Public, zone.Private, zone.Database)
		}
		require.Len(t, blocks, 6)
		for i, block := range blocks {
			assert.True(t, block.IsValid() && block == block.Masked(), block)
			assert.True(t, vpc.Contains(block.Addr()) && vpc.Bits() <= block.Bits() && block.Bits() <= 28, "%s in %s",
				block, vpc)
			for _, other := range blocks[:i] {
				assert.False(t, block.Overlaps(other), "%s and %s", block, other)
			}
		}
	})
}
