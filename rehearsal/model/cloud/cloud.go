// Package cloud keeps the rehearsal's cloud: what the model providers created, on disk, so that
// several plugin processes share it and a killed run can be resumed.
//
// It is one bbolt file. A transaction opens the file, holds its lock, and closes it again: the
// engine starts one plugin process per explicit provider, and none of them may own the file.
// Commits are not synced to the disk, since only a crash of the machine could lose them: a killed
// process leaves either the old or the new state, never a broken file.
//
// The cloud holds secrets in plain text, as a cloud does. Nothing here logs a property.
package cloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// ErrExists says that an object with the same type, account, region and id is there already.
var ErrExists = errors.New("the object exists already")

// LockTimeout is how long a transaction waits for the other processes that use the cloud.
const LockTimeout = time.Minute

// lockPoll is how often a waiting process asks for the lock again. bbolt's own 50 ms would be most
// of the run when two providers work at the same time.
const lockPoll = time.Millisecond

var (
	objectsBucket = []byte("objects")
	arnsBucket    = []byte("arns")
)

// Cloud is a handle on the file; it holds no lock and no open file between transactions.
type Cloud struct {
	path string
	// The file's lock is between processes. Within one, goroutines queue here, which wakes the next
	// at once.
	mu      sync.RWMutex
	decoder decoder
}

// Open returns the cloud in the file at path, which it makes if it is missing. The folder must
// exist.
func Open(path string) (*Cloud, error) {
	if !filepath.IsAbs(path) {
		return nil, fmt.Errorf("open cloud %q: the path must be absolute, since every plugin process has a working "+
			"directory of its own", path)
	}
	c := &Cloud{path: path}
	if err := c.update(makeBuckets); err != nil {
		return nil, err
	}
	return c, nil
}

// Path is the file of the cloud.
func (c *Cloud) Path() string { return c.path }

// View runs read in a transaction that sees one state of the cloud.
func (c *Cloud) View(read func(*Tx) error) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	db, err := c.open(true)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // a read-only file has nothing left to write
	return db.View(func(tx *bbolt.Tx) error { return read(newTx(tx, &c.decoder)) })
}

// Update runs change in a transaction that nothing else can see or cross. An error undoes all of
// it.
func (c *Cloud) Update(change func(*Tx) error) error {
	return c.update(func(tx *bbolt.Tx) error { return change(newTx(tx, &c.decoder)) })
}

func (c *Cloud) update(change func(*bbolt.Tx) error) (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	db, err := c.open(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Update(change)
}

func (c *Cloud) open(readOnly bool) (*bbolt.DB, error) {
	deadline := time.Now().Add(LockTimeout)
	for {
		db, err := bbolt.Open(c.path, 0o600, &bbolt.Options{
			ReadOnly: readOnly,
			NoSync:   true,
			// Less than bbolt's own pause between tries: it tries once and returns.
			Timeout: time.Nanosecond,
		})
		switch {
		case err == nil:
			return db, nil
		case !errors.Is(err, bolterrors.ErrTimeout):
			if errors.Is(err, os.ErrNotExist) {
				return nil, fmt.Errorf("open cloud %q: %w: make the folder first", c.path, err)
			}
			return nil, fmt.Errorf("open cloud %q: %w", c.path, err)
		case time.Now().After(deadline):
			return nil, fmt.Errorf("open cloud %q: another process has held it for %s: end the other rehearsal, or "+
				"give this one a cloud of its own", c.path, LockTimeout)
		}
		time.Sleep(lockPoll)
	}
}

// List returns every object, oldest first.
func (c *Cloud) List() ([]*Object, error) {
	var all []*Object
	err := c.View(func(tx *Tx) error {
		var err error
		all, err = tx.All()
		return err
	})
	return all, err
}

// Tx is the view of the cloud inside one transaction. Objects that it returns are copies, but those
// of OfType and All share their properties with later ones: a change puts new properties in their
// place.
type Tx struct {
	objects *bbolt.Bucket
	arns    *bbolt.Bucket
	owned   *bbolt.Bucket
	decoder *decoder
}

func newTx(tx *bbolt.Tx, d *decoder) *Tx {
	return &Tx{
		objects: tx.Bucket(objectsBucket),
		arns:    tx.Bucket(arnsBucket),
		owned:   tx.Bucket(ownedBucket),
		decoder: d,
	}
}

// Get returns the object with this key, or nil.
func (tx *Tx) Get(key Key) (*Object, error) {
	return decode(tx.objects.Get(key.bytes()))
}

// ByARN returns the object with this ARN, or nil.
func (tx *Tx) ByARN(arn string) (*Object, error) {
	key := tx.arns.Get([]byte(arn))
	if key == nil {
		return nil, nil
	}
	return decode(tx.objects.Get(key))
}

// OfType returns the objects of a type in every account and region, oldest first.
func (tx *Tx) OfType(typ string) ([]*Object, error) {
	return tx.scan(append([]byte(typ), 0))
}

// All returns every object, oldest first.
func (tx *Tx) All() ([]*Object, error) { return tx.scan(nil) }

func (tx *Tx) scan(prefix []byte) ([]*Object, error) {
	var found []*Object
	cursor := tx.objects.Cursor()
	for k, v := cursor.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = cursor.Next() {
		o, err := tx.decoder.decode(k, v)
		if err != nil {
			return nil, err
		}
		found = append(found, o)
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Seq < found[j].Seq })
	return found, nil
}

// Create adds an object and numbers it. It never takes the place of another: see ErrExists.
func (tx *Tx) Create(o *Object) error {
	if tx.objects.Get(o.Key.bytes()) != nil {
		return fmt.Errorf("create %s: %w", o, ErrExists)
	}
	seq, err := tx.objects.NextSequence()
	if err != nil {
		return fmt.Errorf("create %s: %w", o, err)
	}
	o.Seq = seq
	return tx.put(o)
}

// Replace writes the new state of an object that is there already.
func (tx *Tx) Replace(o *Object) error {
	before, err := tx.Get(o.Key)
	if err != nil {
		return err
	}
	if before == nil {
		return fmt.Errorf("replace %s: it does not exist", o)
	}
	if before.ARN != "" && before.ARN != o.ARN {
		if err := tx.arns.Delete([]byte(before.ARN)); err != nil {
			return fmt.Errorf("replace %s: %w", o, err)
		}
	}
	if err := tx.disown(before); err != nil {
		return err
	}
	o.Seq = before.Seq
	return tx.put(o)
}

func (tx *Tx) put(o *Object) error {
	raw, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("write %s: %w", o, err)
	}
	if err := tx.objects.Put(o.Key.bytes(), raw); err != nil {
		return fmt.Errorf("write %s: %w", o, err)
	}
	if err := tx.own(o); err != nil {
		return err
	}
	if o.ARN == "" {
		return nil
	}
	if err := tx.arns.Put([]byte(o.ARN), o.Key.bytes()); err != nil {
		return fmt.Errorf("write the ARN of %s: %w", o, err)
	}
	return nil
}

// Delete takes an object out, and with it what it owns.
func (tx *Tx) Delete(key Key) error {
	o, err := tx.Get(key)
	if err != nil {
		return err
	}
	if o == nil {
		return fmt.Errorf("delete %s: it does not exist", key)
	}
	owned, err := tx.OwnedBy(key)
	if err != nil {
		return err
	}
	for _, child := range owned {
		if err := tx.Delete(child.Key); err != nil {
			return err
		}
	}
	if err := tx.disown(o); err != nil {
		return err
	}
	if o.ARN != "" {
		if err := tx.arns.Delete([]byte(o.ARN)); err != nil {
			return fmt.Errorf("delete the ARN of %s: %w", o, err)
		}
	}
	if err := tx.objects.Delete(key.bytes()); err != nil {
		return fmt.Errorf("delete %s: %w", o, err)
	}
	return nil
}

// NextNumber returns a number that this cloud has never returned before.
func (tx *Tx) NextNumber() (uint64, error) { return tx.arns.NextSequence() }
