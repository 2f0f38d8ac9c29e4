package cloud

import (
	"bytes"
	"fmt"
	"sort"

	"go.etcd.io/bbolt"
)

// ownedBucket is the index of owners: the owner's key, a zero byte and the key of the object that
// it owns. Without it each deletion would read the whole cloud to find what goes with the object,
// and taking a stack down would cost the square of its size.
var ownedBucket = []byte("owned")

// makeBuckets makes what is missing. A cloud that an earlier rehearsal kept may be older than the
// index.
func makeBuckets(tx *bbolt.Tx) error {
	for _, name := range [][]byte{objectsBucket, arnsBucket} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	if tx.Bucket(ownedBucket) != nil {
		return nil
	}
	if _, err := tx.CreateBucket(ownedBucket); err != nil {
		return err
	}
	within := newTx(tx, &decoder{})
	all, err := within.All()
	if err != nil {
		return err
	}
	for _, o := range all {
		if err := within.own(o); err != nil {
			return err
		}
	}
	return nil
}

// ownedBy is where the index holds what an object owns.
func ownedBy(owner Key) []byte { return append(owner.bytes(), 0) }

// own notes the owner of an object, if it has one.
func (tx *Tx) own(o *Object) error {
	if o.Owner == nil {
		return nil
	}
	if err := tx.owned.Put(append(ownedBy(*o.Owner), o.Key.bytes()...), nil); err != nil {
		return fmt.Errorf("write the owner of %s: %w", o, err)
	}
	return nil
}

// disown takes the note away.
func (tx *Tx) disown(o *Object) error {
	if o.Owner == nil {
		return nil
	}
	if err := tx.owned.Delete(append(ownedBy(*o.Owner), o.Key.bytes()...)); err != nil {
		return fmt.Errorf("delete the owner of %s: %w", o, err)
	}
	return nil
}

// OwnedBy returns the objects that live and die with the one that has this key, oldest first.
func (tx *Tx) OwnedBy(key Key) ([]*Object, error) {
	prefix := ownedBy(key)
	var owned []*Object
	cursor := tx.owned.Cursor()
	for k, _ := cursor.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = cursor.Next() {
		o, err := decode(tx.objects.Get(k[len(prefix):]))
		if err != nil {
			return nil, err
		}
		if o == nil {
			return nil, fmt.Errorf("read what %s owns: the cloud's index names %q, which does not exist", key,
				k[len(prefix):])
		}
		owned = append(owned, o)
	}
	sort.Slice(owned, func(i, j int) bool { return owned[i].Seq < owned[j].Seq })
	return owned, nil
}
