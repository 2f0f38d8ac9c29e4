package cloud

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// sizes are numbers of objects in the cloud. Production has about 350, with 50 services 3,000.
var sizes = []int{10, 300, 3000}

// filled is a cloud with n subnets.
func filled(b *testing.B, n int) *Cloud {
	b.Helper()
	c, err := Open(filepath.Join(b.TempDir(), "cloud.db"))
	require.NoError(b, err)
	objects := make([]*Object, n)
	for i := range objects {
		objects[i] = thing(fmt.Sprintf("subnet-%04d", i))
	}
	require.NoError(b, create(c, objects...))
	return c
}

func bench(b *testing.B, run func(*Cloud) error) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("objects=%d", n), func(b *testing.B) {
			c := filled(b, n)
			require.NoError(b, run(c)) // the first reads what later ones remember
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, run(c))
			}
		})
	}
}

// BenchmarkUpdate is a transaction that makes an object and takes it out again, both at once.
func BenchmarkUpdate(b *testing.B) {
	bench(b, func(c *Cloud) error {
		return c.Update(func(tx *Tx) error {
			o := thing("made")
			if err := tx.Create(o); err != nil {
				return err
			}
			return tx.Delete(o.Key)
		})
	})
}

// BenchmarkGet is a transaction that reads one object.
func BenchmarkGet(b *testing.B) {
	key := thing("subnet-0001").Key
	bench(b, func(c *Cloud) error {
		return c.View(func(tx *Tx) error {
			_, err := tx.Get(key)
			return err
		})
	})
}

// BenchmarkOfType is a transaction that reads every object of a type, as a rule does that compares
// a new object with the others.
func BenchmarkOfType(b *testing.B) {
	bench(b, func(c *Cloud) error {
		return c.View(func(tx *Tx) error {
			_, err := tx.OfType(subnet)
			return err
		})
	})
}
