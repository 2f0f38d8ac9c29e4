package cloud

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// assertIndexed compares what the index says of each object's possessions with what a look at all
// objects says.
func assertIndexed(t require.TestingT, c *Cloud) {
	require.NoError(t, c.View(func(tx *Tx) error {
		all, err := tx.All()
		require.NoError(t, err)
		entries := 0
		for _, owner := range all {
			var want []*Object
			for _, o := range all {
				if o.Owner != nil && *o.Owner == owner.Key {
					want = append(want, o)
				}
			}
			got, err := tx.OwnedBy(owner.Key)
			require.NoError(t, err)
			assert.Equal(t, want, got, "owned by %s", owner)
			entries += len(got)
		}
		assert.Equal(t, entries, tx.owned.Inspect().KeyN, "the index names nothing that is gone")
		return nil
	}))
}

func TestTheIndexOfOwnersAgreesWithTheObjects(t *testing.T) {
	dir, clouds := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		clouds++
		c, err := Open(filepath.Join(dir, fmt.Sprint(clouds)))
		require.NoError(t, err)
		object := func(id int) *Object { return thing(fmt.Sprint("o-", id)) }
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			// An object is owned by one with a smaller number, so that nothing owns itself.
			o := object(rapid.IntRange(1, 8).Draw(t, "object"))
			o.ARN = ""
			if owner := rapid.IntRange(0, 8).Draw(t, "owner"); owner > 0 && object(owner).ID < o.ID {
				o.Owner = &object(owner).Key
			}
			require.NoError(t, c.Update(func(tx *Tx) error {
				there, err := tx.Get(o.Key)
				require.NoError(t, err)
				if o.Owner != nil {
					owner, err := tx.Get(*o.Owner)
					require.NoError(t, err)
					if owner == nil {
						o.Owner = nil
					}
				}
				switch {
				case there == nil:
					return tx.Create(o)
				case rapid.Bool().Draw(t, "delete"):
					return tx.Delete(o.Key)
				default:
					return tx.Replace(o)
				}
			}))
			assertIndexed(t, c)
		}
	})
}

// A cloud that was kept before there was an index gets one.
func TestAnOlderCloudIsIndexed(t *testing.T) {
	c := open(t)
	owner, part := thing("subnet-1"), thing("part-1")
	part.ARN, part.Owner = "", &owner.Key
	require.NoError(t, create(c, owner, part))
	require.NoError(t, c.update(func(tx *bbolt.Tx) error { return tx.DeleteBucket(ownedBucket) }))

	again, err := Open(c.Path())
	require.NoError(t, err)
	assertIndexed(t, again)
	require.NoError(t, again.Update(func(tx *Tx) error { return tx.Delete(owner.Key) }))
	all, err := again.List()
	require.NoError(t, err)
	assert.Empty(t, all)
}

// What a handle remembers must not hide what another one, as of another process, has written.
func TestAScanSeesWhatOthersWrote(t *testing.T) {
	c := open(t)
	require.NoError(t, create(c, thing("subnet-1"), thing("subnet-2")))
	_, err := c.List()
	require.NoError(t, err)

	other, err := Open(c.Path())
	require.NoError(t, err)
	changed := thing("subnet-1")
	changed.Outputs = Properties{"available": resource.NewProperty(false)}
	require.NoError(t, other.Update(func(tx *Tx) error {
		if err := tx.Delete(thing("subnet-2").Key); err != nil {
			return err
		}
		return tx.Replace(changed)
	}))
	all, err := c.List()
	require.NoError(t, err)
	assert.Equal(t, []*Object{changed}, all)
}

func TestAScanReturnsCopies(t *testing.T) {
	c := open(t)
	require.NoError(t, create(c, thing("subnet-1")))
	for range 2 {
		all, err := c.List()
		require.NoError(t, err)
		all[0].URN, all[0].State = "another", PendingDeletion
	}
	all, err := c.List()
	require.NoError(t, err)
	assert.Equal(t, thing("subnet-1").URN, all[0].URN)
	assert.Equal(t, Active, all[0].State)
}
