package promote

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

// A release's workflow uploads the static files of the web before it asks for a promotion, and last
// of all a list of them, which is named after the version. Here the lists of the releases that are
// in use or to come are under lists, and those of the others under oldLists.
const (
	staticService = "web"
	lists         = names.StaticFiles + "releases/"
	oldLists      = names.StaticFiles + "superseded/"
)

// fileList is where the list of a version's files is.
type fileList struct {
	version  string
	key      string
	uploaded time.Time
}

func (l fileList) old() bool { return strings.HasPrefix(l.key, oldLists) }

// webVersions are the versions of the web that a stack file names, a canary's too.
func webVersions(stackFile string) ([]string, error) {
	images, err := stackfile.Images(stackFile)
	if err != nil {
		return nil, err
	}
	var versions []string
	for _, one := range images {
		if one.Service == staticService && !slices.Contains(versions, one.Version) {
			versions = append(versions, one.Version)
		}
	}
	return versions, nil
}

// staticLists are the lists of files in the assets bucket, by version. A version that is in use
// again has one list, the other was removed.
func (p *promotion) staticLists(ctx context.Context, bucket string) (map[string]fileList, error) {
	all := map[string]fileList{}
	for _, prefix := range []string{oldLists, lists} {
		raw, err := p.Output(ctx, "aws", "s3api", "list-objects-v2", "--bucket", bucket, "--prefix", prefix,
			"--output", "json")
		if err != nil {
			return nil, err
		}
		var found struct {
			Contents []struct {
				Key          string    `json:"Key"`
				LastModified time.Time `json:"LastModified"`
			} `json:"Contents"`
		}
		// The command prints nothing when it finds nothing.
		if len(bytes.TrimSpace(raw)) > 0 {
			if err := json.Unmarshal(raw, &found); err != nil {
				return nil, fmt.Errorf("read what is under %s in bucket %s: %w", prefix, bucket, err)
			}
		}
		for _, one := range found.Contents {
			version := strings.TrimPrefix(one.Key, prefix)
			all[version] = fileList{version, one.Key, one.LastModified}
		}
	}
	return all, nil
}

// files reads a list: the keys of a version's files.
func (p *promotion) files(ctx context.Context, bucket string, list fileList) ([]string, error) {
	raw, err := p.Output(ctx, "aws", "s3", "cp", "s3://"+bucket+"/"+list.key, "-")
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, key := range strings.Split(string(raw), "\n") {
		if key != "" {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		if !strings.HasPrefix(key, names.StaticFiles) {
			return nil, fmt.Errorf("read %s of bucket %s: found %q, want keys that begin with %s", list.key, bucket,
				key, names.StaticFiles)
		}
	}
	return keys, nil
}

// uploaded refuses a stack file by which CloudFront would look for static files in the assets
// bucket that nobody has put there: the pages would come without their scripts.
func (p *promotion) uploaded(stackFile, bucket string, known map[string]fileList) error {
	wanted, err := stackfile.StaticFromAssets(stackFile, "/"+names.StaticFiles)
	if err != nil || !wanted {
		return err
	}
	versions, err := webVersions(stackFile)
	if err != nil {
		return err
	}
	for _, version := range versions {
		if _, ok := known[version]; !ok {
			return command.Exit(exitMissing,
				fmt.Errorf("look for the static files of %s: bucket %s has no list of them, and CloudFront takes "+
					"/%s* from there (edge.distribution.static): upload them with the application's workflow first, "+
					"or take them from "+
					"loadBalancer until a release has done so", version, bucket, names.StaticFiles))
		}
	}
	return nil
}

// staticCommand judges the stack file as it is, for plans.
func (p *promotion) staticCommand(ctx context.Context) error {
	stackFile, err := os.ReadFile(p.file())
	if err != nil {
		return fmt.Errorf("read the stack file: %w", err)
	}
	wanted, err := stackfile.StaticFromAssets(string(stackFile), "/"+names.StaticFiles)
	if err != nil || !wanted {
		return err
	}
	known, err := p.outputs(ctx)
	if err != nil || known.AssetsBucket == "" {
		return err // without a bucket, nothing was ever deployed
	}
	all, err := p.staticLists(ctx, known.AssetsBucket)
	if err != nil {
		return err
	}
	return p.uploaded(string(stackFile), known.AssetsBucket, all)
}
