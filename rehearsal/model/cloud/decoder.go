package cloud

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
)

// decoder reads objects and remembers them. Rules compare a new object with all others of its type,
// so that a process would decode each of them again for every one that it makes. What is remembered
// is used only while the file holds the same bytes: another process may have written it meanwhile.
type decoder struct {
	mu    sync.Mutex
	known map[string]remembered // by key
}

type remembered struct {
	raw    []byte
	object Object
}

// decode returns a copy of the object. Its properties are those of every other copy: nobody may
// write to them.
func (d *decoder) decode(key, raw []byte) (*Object, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if one, ok := d.known[string(key)]; ok && bytes.Equal(one.raw, raw) {
		return &one.object, nil
	}
	o, err := decode(raw)
	if err != nil {
		return nil, err
	}
	if d.known == nil {
		d.known = map[string]remembered{}
	}
	d.known[string(key)] = remembered{raw: bytes.Clone(raw), object: *o}
	return o, nil
}

func decode(raw []byte) (*Object, error) {
	if raw == nil {
		return nil, nil
	}
	o := &Object{}
	if err := json.Unmarshal(raw, o); err != nil {
		return nil, fmt.Errorf("read an object of the cloud: %w", err)
	}
	return o, nil
}
