package aws

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestObviousBucketNamesAreTaken(t *testing.T) {
	w := newWorld(t)
	for _, name := range takenBuckets {
		assert.ErrorContains(t, failed(w.try(bucketType, "ours", in{"bucket": name})), "BucketAlreadyExists: ", name)
	}
	w.make(bucketType, "first", in{"bucket": "ours-1"})
	assert.ErrorContains(t, failed(w.try(bucketType, "second", in{"bucket": "ours-1"})), "BucketAlreadyOwnedByYou: ")
}

var bucketPairs = map[string]pair{
	"bucket names are global": {
		want: "BucketAlreadyExists: The requested bucket name is not available. The bucket namespace is shared by " +
			"all users of the system. Please select a different name and try again: shared-name",
		refuses: func(w *world) error {
			w.other("us-east-1", "999999999999", nil).make(bucketType, "theirs", in{"bucket": "shared-name"})
			return failed(w.try(bucketType, "ours", in{"bucket": "shared-name"}))
		},
		passes: func(w *world) error {
			w.other("us-east-1", "999999999999", nil).make(bucketType, "theirs", in{"bucket": "shared-name"})
			return failed(w.try(bucketType, "ours", in{"bucket": "shared-name-123456789012"}))
		},
	},
	"a bucket with objects stays": {
		want: "BucketNotEmpty: The bucket you tried to delete is not empty: pages-1 has index.html",
		refuses: func(w *world) error {
			bucket := w.make(bucketType, "pages", in{"bucket": "pages-1"})
			w.make(bucketObjectType, "index", in{"bucket": bucket.id, "key": "index.html", "content": "down"})
			return w.delete(bucket)
		},
		passes: func(w *world) error {
			bucket := w.make(bucketType, "pages", in{"bucket": "pages-1", "forceDestroy": true})
			w.make(bucketObjectType, "index", in{"bucket": bucket.id, "key": "index.html", "content": "down"})
			return w.delete(bucket)
		},
	},
}
