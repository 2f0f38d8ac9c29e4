// Package cloud keeps the rehearsal's cloud: what the model providers created, on disk, so that
// several plugin processes share it and a killed run can be resumed.
//
// It is one bbolt file. A transaction opens the file, holds its lock, and closes it again: the
// engine starts one plugin process per explicit provider, and none of them may own the file. Commits
// are not synced to the disk, since only a crash of the machine could lose them: a killed process leaves
// either the old or the new state, never a broken file.
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

// lockPoll is how often a waiting process asks for the lock again. bbolt's own 50 ms would be most of
// the run when two providers work at the same time.
const lockPoll = time.Millisecond

var (
	objectsBucket = []byte("objects")
	arnsBucket    = []byte("arns")
)

// Cloud is a handle on the file; it holds no lock and no open file between transactions.
type Cloud struct {
	path string
	// The file's lock is between processes. Within one, goroutines queue here, which wakes the next at once.
	mu sync.RWMutex
}

// Open returns the cloud in the file at path, which it makes if it is missing. The folder must exist.
func Open(path string) (*Cloud, error) {
	if !filepath.IsAbs(path) {
		return nil, fmt.Errorf("open cloud %q: the path must be absolute, since every plugin process has a working directory of its own", path)
	}
	c := &Cloud{path: path}
	err := c.Update(func(tx *Tx) error {
		for _, name := range [][]byte{objectsBucket, arnsBucket} {
			if _, err := tx.bolt.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
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
	return db.View(func(tx *bbolt.Tx) error { return read(newTx(tx)) })
}

// Update runs change in a transaction that nothing else can see or cross. An error undoes all of it.
func (c *Cloud) Update(change func(*Tx) error) (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	db, err := c.open(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Update(func(tx *bbolt.Tx) error { return change(newTx(tx)) })
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
			return nil, fmt.Errorf("open cloud %q: another process has held it for %s: end the other rehearsal, or give this one a cloud of its own", c.path, LockTimeout)
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

// Tx is the view of the cloud inside one transaction. Objects that it returns are copies.
type Tx struct {
	bolt    *bbolt.Tx
	objects *bbolt.Bucket
	arns    *bbolt.Bucket
}

func newTx(tx *bbolt.Tx) *Tx {
	return &Tx{bolt: tx, objects: tx.Bucket(objectsBucket), arns: tx.Bucket(arnsBucket)}
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

// OwnedBy returns the objects that live and die with the one that has this key, oldest first.
func (tx *Tx) OwnedBy(key Key) ([]*Object, error) {
	all, err := tx.All()
	if err != nil {
		return nil, err
	}
	var owned []*Object
	for _, o := range all {
		if o.Owner != nil && *o.Owner == key {
			owned = append(owned, o)
		}
	}
	return owned, nil
}

func (tx *Tx) scan(prefix []byte) ([]*Object, error) {
	var found []*Object
	cursor := tx.objects.Cursor()
	for k, v := cursor.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = cursor.Next() {
		o, err := decode(v)
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

func decode(raw []byte) (*Object, error) {
	if raw == nil {
		return nil, nil
	}
	o := &Object{}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(o); err != nil {
		return nil, fmt.Errorf("read an object of the cloud: %w", err)
	}
	return o, nil
}
