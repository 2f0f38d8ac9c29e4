// Package storage stands in for the client of Google Cloud Storage of the same import path, with
// which the Pulumi CLI keeps a state at gs://. The client brings Envoy's configuration with it.
package storage

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/api/iterator"
)

// ScopeReadWrite is what the CLI asks credentials for.
const ScopeReadWrite = "https://www.googleapis.com/auth/devstorage.read_write"

// The errors that Google's client tells apart.
var (
	ErrBucketNotExist = errors.New("storage: bucket doesn't exist")
	ErrObjectNotExist = errors.New("storage: object doesn't exist")
)

// errLeftOut is what everything here comes to.
var errLeftOut = errors.New("the Pulumi CLI that the rehearsal builds leaves out states at gs://: put Pulumi's own CLI " +
	"on the PATH (https://www.pulumi.com/docs/install/)")

// Client is one that nothing makes.
type Client struct{}

// NewClient refuses, whatever the options are.
func NewClient[Option any](context.Context, ...Option) (*Client, error) { return nil, errLeftOut }

// Bucket is a bucket of the client.
func (*Client) Bucket(string) *BucketHandle { return &BucketHandle{} }

// BucketHandle is a bucket.
type BucketHandle struct{}

// Object is an object in the bucket.
func (*BucketHandle) Object(string) *ObjectHandle { return &ObjectHandle{} }

// Objects are the objects in the bucket.
func (*BucketHandle) Objects(context.Context, *Query) *ObjectIterator { return &ObjectIterator{} }

// Query says which objects.
type Query struct{ Prefix, Delimiter string }

// ObjectIterator goes through no objects.
type ObjectIterator struct{}

// PageInfo is about the next objects.
func (*ObjectIterator) PageInfo() *iterator.PageInfo { return &iterator.PageInfo{} }

// ObjectHandle is an object.
type ObjectHandle struct{}

// If is the object under conditions.
func (o *ObjectHandle) If(Conditions) *ObjectHandle { return o }

// Attrs refuses.
func (*ObjectHandle) Attrs(context.Context) (*ObjectAttrs, error) { return nil, errLeftOut }

// NewRangeReader refuses.
func (*ObjectHandle) NewRangeReader(context.Context, int64, int64) (*Reader, error) {
	return nil, errLeftOut
}

// NewWriter makes a writer that refuses.
func (*ObjectHandle) NewWriter(context.Context) *Writer { return &Writer{} }

// CopierFrom makes a copier that refuses.
func (*ObjectHandle) CopierFrom(*ObjectHandle) *Copier { return &Copier{} }

// Delete refuses.
func (*ObjectHandle) Delete(context.Context) error { return errLeftOut }

// Conditions are those of an operation on an object.
type Conditions struct{ DoesNotExist bool }

// Copier copies an object.
type Copier struct{}

// Run refuses.
func (*Copier) Run(context.Context) (*ObjectAttrs, error) { return nil, errLeftOut }

// ObjectAttrs are what is known of an object.
type ObjectAttrs struct {
	Name, Prefix, Etag                                                              string
	CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType string
	Metadata                                                                        map[string]string
	Created, Updated                                                                time.Time
	Size                                                                            int64
	MD5                                                                             []byte
}

// Reader reads an object.
type Reader struct {
	io.ReadCloser
	Attrs ReaderObjectAttrs
}

// ReaderObjectAttrs are what a reader knows of its object.
type ReaderObjectAttrs struct {
	ContentType  string
	LastModified time.Time
	Size         int64
}

// Writer writes an object.
type Writer struct {
	ObjectAttrs
	ChunkSize             int
	ForceEmptyContentType bool
}

// Write refuses.
func (*Writer) Write([]byte) (int, error) { return 0, errLeftOut }

// Close refuses.
func (*Writer) Close() error { return errLeftOut }

// SignedURLOptions are those of a signed address.
type SignedURLOptions struct {
	GoogleAccessID, Method, ContentType string
	PrivateKey                          []byte
	SignBytes                           func([]byte) ([]byte, error)
	Expires                             time.Time
}

// SignedURL refuses.
func SignedURL(string, string, *SignedURLOptions) (string, error) { return "", errLeftOut }
