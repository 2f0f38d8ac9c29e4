package cloud

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const subnet = "aws:ec2/subnet:Subnet"

func thing(id string) *Object {
	return &Object{
		Key:     Key{Type: subnet, Account: "123456789012", Region: "ap-northeast-1", ID: id},
		Name:    "name of " + id,
		ARN:     "arn:aws:ec2:ap-northeast-1:123456789012:subnet/" + id,
		URN:     "urn:" + id,
		Creator: "123456789012",
		Inputs: Properties{
			"cidrBlock": resource.NewProperty("10.0.1.0/24"),
			"zones":     resource.NewPropertyValue([]any{"a", "c"}),
			"size":      resource.NewProperty(24.0),
		},
		Outputs: Properties{
			"available": resource.NewProperty(true),
			"tags":      resource.NewPropertyValue(map[string]any{"a.b": "c"}),
		},
	}
}

func open(t *testing.T) *Cloud {
	c, err := Open(filepath.Join(t.TempDir(), "cloud.db"))
	require.NoError(t, err)
	return c
}

func create(c *Cloud, objects ...*Object) error {
	return c.Update(func(tx *Tx) error {
		for _, o := range objects {
			if err := tx.Create(o); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestObjectsComeBackAsTheyWentIn(t *testing.T) {
	c := open(t)
	first, second, elsewhere := thing("subnet-1"), thing("subnet-2"), thing("subnet-1")
	elsewhere.Region, elsewhere.ARN = "us-east-1", ""
	require.NoError(t, create(c, second, first, elsewhere))

	again, err := Open(c.Path())
	require.NoError(t, err)
	all, err := again.List()
	require.NoError(t, err)
	assert.Equal(t, []*Object{second, first, elsewhere}, all, "in the order of their creation")
	require.NoError(t, again.View(func(tx *Tx) error {
		got, err := tx.Get(first.Key)
		assert.Equal(t, first, got)
		require.NoError(t, err)
		got, err = tx.ByARN(second.ARN)
		assert.Equal(t, second, got)
		require.NoError(t, err)
		got, err = tx.Get(Key{Type: subnet, ID: "subnet-1"})
		assert.Nil(t, got)
		require.NoError(t, err)
		of, err := tx.OfType("aws:ec2/subnet:Sub")
		assert.Empty(t, of, "the beginning of a type is another type")
		return err
	}))
}

func TestAnObjectIsThereOnce(t *testing.T) {
	c := open(t)
	require.NoError(t, create(c, thing("subnet-1")))
	err := create(c, thing("subnet-2"), thing("subnet-1"))
	require.ErrorIs(t, err, ErrExists)
	require.EqualError(t, err,
		`create aws:ec2/subnet:Subnet "subnet-1" in ap-northeast-1 (name of subnet-1): the object exists already`)
	all, err := c.List()
	require.NoError(t, err)
	assert.Len(t, all, 1, "the whole transaction is undone")
}

func TestReplaceAndDelete(t *testing.T) {
	c := open(t)
	o := thing("subnet-1")
	require.NoError(t, create(c, o))
	owner := o.Key
	part := &Object{Key: Key{Type: "part", ID: "1"}, Owner: &owner}
	nested := &Object{Key: Key{Type: "part", ID: "2"}, Owner: &part.Key}
	require.NoError(t, create(c, part, nested))

	changed := thing("subnet-1")
	changed.ARN, changed.Outputs = "arn:new", Properties{}
	require.NoError(t, c.Update(func(tx *Tx) error { return tx.Replace(changed) }))
	require.NoError(t, c.View(func(tx *Tx) error {
		old, err := tx.ByARN(o.ARN)
		assert.Nil(t, old)
		require.NoError(t, err)
		got, err := tx.ByARN("arn:new")
		assert.Equal(t, o.Seq, got.Seq, "it keeps its place")
		return err
	}))

	require.NoError(t, c.Update(func(tx *Tx) error { return tx.Delete(o.Key) }))
	all, err := c.List()
	require.NoError(t, err)
	assert.Empty(t, all, "what it owns goes with it, at every depth")
	assert.EqualError(t, c.Update(func(tx *Tx) error { return tx.Delete(o.Key) }),
		`delete aws:ec2/subnet:Subnet "subnet-1" in ap-northeast-1: it does not exist`)
	assert.EqualError(t, c.Update(func(tx *Tx) error { return tx.Replace(changed) }),
		`replace aws:ec2/subnet:Subnet "subnet-1" in ap-northeast-1 (name of subnet-1): it does not exist`)
}

func TestPropertiesArePlain(t *testing.T) {
	c := open(t)
	o := thing("subnet-1")
	o.Inputs = Properties{
		"password": resource.MakeSecret(resource.NewProperty("hunter2")),
		"nested":   resource.NewProperty([]resource.PropertyValue{resource.MakeSecret(resource.NewProperty(1.0))}),
		"output": resource.NewProperty(resource.Output{
			Element: resource.NewProperty("known"),
			Known:   true,
			Secret:  true,
		}),
	}
	require.NoError(t, create(c, o))
	all, err := c.List()
	require.NoError(t, err)
	assert.Equal(t, Properties{
		"password": resource.NewProperty("hunter2"),
		"nested":   resource.NewPropertyValue([]any{1.0}),
		"output":   resource.NewProperty("known"),
	}, all[0].Inputs)
	assert.NotContains(t, fmt.Sprint(all[0]), "hunter2", "a description has no property")

	later := thing("subnet-2")
	later.Inputs = Properties{"id": resource.MakeComputed(resource.NewProperty(""))}
	assert.ErrorContains(t, create(c, later), "the properties hold unknown values")
}

func TestErrorUndoesTheTransaction(t *testing.T) {
	c, broken := open(t), errors.New("refused")
	require.ErrorIs(t, c.Update(func(tx *Tx) error {
		require.NoError(t, tx.Create(thing("subnet-1")))
		return broken
	}), broken)
	all, err := c.List()
	require.NoError(t, err)
	assert.Empty(t, all)
}

func TestOpenSaysWhatToDo(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "nowhere", "cloud.db")
	_, err := Open(missing)
	require.EqualError(t, err,
		fmt.Sprintf("open cloud %q: open %s: no such file or directory: make the folder first", missing, missing))
	_, err = Open("cloud.db")
	require.EqualError(t, err,
		`open cloud "cloud.db": the path must be absolute, since every plugin process has a working directory of `+
			`its own`)
	garbage := filepath.Join(t.TempDir(), "cloud.db")
	require.NoError(t,
		os.WriteFile(garbage, []byte("this is no database, but it is long enough to look like one"), 0o600))
	_, err = Open(garbage)
	require.ErrorContains(t, err, fmt.Sprintf("open cloud %q: ", garbage))
}

// The environment that makes this test binary a writer: see TestMain.
const (
	writerPath  = "CLOUD_TEST_WRITER"
	writerFirst = "CLOUD_TEST_FIRST"
)

// TestMain lets a test start this binary again as another process that writes to the cloud.
func TestMain(m *testing.M) {
	path := os.Getenv(writerPath)
	if path == "" {
		os.Exit(m.Run())
	}
	first, err := strconv.Atoi(os.Getenv(writerFirst))
	if err == nil {
		err = write(path, first)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const written = 50

// write makes objects, one transaction each.
func write(path string, first int) error {
	c, err := Open(path)
	if err != nil {
		return err
	}
	for i := first; i < first+written; i++ {
		if err := create(c, thing(fmt.Sprintf("subnet-%d", i))); err != nil {
			return err
		}
	}
	return nil
}

func TestProcessesShareACloud(t *testing.T) {
	c := open(t)
	const processes = 4
	var wg sync.WaitGroup
	for i := range processes {
		wg.Go(func() {
			writer := exec.Command(os.Args[0])
			writer.Env = append(os.Environ(), writerPath+"="+c.Path(), writerFirst+"="+strconv.Itoa(i*written))
			out, err := writer.CombinedOutput()
			assert.NoError(t, err, string(out))
		})
	}
	wg.Wait()
	all, err := c.List()
	require.NoError(t, err)
	require.Len(t, all, processes*written)
	seen := map[uint64]bool{}
	for _, o := range all {
		assert.False(t, seen[o.Seq], "a number given twice")
		seen[o.Seq] = true
	}
}

func TestAKilledProcessLosesNothingThatItCommitted(t *testing.T) {
	for round := range 3 {
		c := open(t)
		writer := exec.Command(os.Args[0])
		writer.Env = append(os.Environ(), writerPath+"="+c.Path(), writerFirst+"=0")
		require.NoError(t, writer.Start())
		var committed int
		for committed < 3+round {
			all, err := c.List()
			require.NoError(t, err)
			committed = len(all)
		}
		require.NoError(t, writer.Process.Kill())
		_ = writer.Wait() // it was killed, or had just ended
		all, err := c.List()
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(all), committed)
		for i, o := range all {
			assert.Equal(t, fmt.Sprintf("subnet-%d", i), o.ID)
		}
		require.NoError(t, create(c, thing("after")), "the cloud is usable again at once")
	}
}

func TestHandlesInOneProcessShareACloud(t *testing.T) {
	c := open(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() { assert.NoError(t, write(c.Path(), i*written)) })
	}
	wg.Wait()
	all, err := c.List()
	require.NoError(t, err)
	assert.Len(t, all, 4*written)
}
