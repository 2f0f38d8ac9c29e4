package aws

import (
	"fmt"
	"slices"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// takenBuckets are names that somebody else has: bucket names are global, and these are obvious
// ones.
var takenBuckets = []string{"bookmark-manager-production-assets", "bookmark-manager-assets", "assets", "logs"}

// bucketRules are about S3 buckets.
var bucketRules = []provider.Rule{
	{
		Name:  "bucket names are global",
		Types: []string{bucketType},
		When:  provider.OnCreate,
		Why:   "S3 CreateBucket: BucketAlreadyExists, BucketAlreadyOwnedByYou",
		Check: func(r *provider.Request) error {
			name := r.Inputs.Text("bucket")
			found := r.Find(bucketType, name)
			switch {
			case slices.Contains(takenBuckets, name), found != nil && found.Creator != r.Account:
				return fmt.Errorf("BucketAlreadyExists: The requested bucket name is not available. The bucket "+
					"namespace is shared by all users of the system. Please select a different name and try again: %s",
					name)
			case found != nil && !r.Itself(found):
				return fmt.Errorf("BucketAlreadyOwnedByYou: Your previous request to create the named bucket "+
					"succeeded and you already own it: %s", name)
			}
			return nil
		},
	},
	{
		Name:  "a bucket with objects stays",
		Types: []string{bucketType},
		When:  provider.OnDelete,
		Why:   "S3 DeleteBucket: BucketNotEmpty",
		Check: func(r *provider.Request) error {
			if provider.Values(r.Old.Inputs).Is("forceDestroy", false) {
				return nil
			}
			objects := slices.DeleteFunc(r.Everywhere(bucketObjectType), func(o *cloud.Object) bool {
				return o.Text("bucket") != r.Old.ID
			})
			if len(objects) > 0 {
				return fmt.Errorf("BucketNotEmpty: The bucket you tried to delete is not empty: %s has %s", r.Old.ID,
					objects[0].Text("key"))
			}
			return nil
		},
	},
}
