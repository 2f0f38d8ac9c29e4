package promote

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

// callsAtOnce is how many calls of the aws command for single files run beside each other.
const callsAtOnce = 8

// unmarkInUse makes sure, before anything is committed or deployed, that the static files of what a
// stack file names exist, and that none of them has the tag superseded, by which S3 deletes it.
// Files of the versions in use have no such tag.
func (p *promotion) unmarkInUse(ctx context.Context, known *outputs, inUse []string, stackFile string) error {
	bucket := known.AssetsBucket
	if bucket == "" {
		return nil
	}
	all, err := p.staticLists(ctx, bucket)
	if err != nil {
		return err
	}
	if err := p.uploaded(stackFile, bucket, all); err != nil {
		return err
	}
	safe := map[string]bool{}
	for _, version := range inUse {
		if list, ok := all[version]; ok && !list.old() {
			if err := p.addFiles(ctx, bucket, list, safe); err != nil {
				return err
			}
		}
	}
	versions, err := webVersions(stackFile)
	if err != nil {
		return err
	}
	for _, version := range versions {
		list, ok := all[version]
		if !ok || slices.Contains(inUse, version) && !list.old() {
			continue
		}
		if err := p.unmarkList(ctx, bucket, list, safe); err != nil {
			return fmt.Errorf("look for the static files of %s: %w\nupload them again with the application's workflow",
				version, err)
		}
	}
	return nil
}

func (p *promotion) unmarkList(ctx context.Context, bucket string, list fileList, safe map[string]bool) error {
	keys, err := p.files(ctx, bucket, list)
	if err != nil {
		return err
	}
	keys = slices.DeleteFunc(keys, func(key string) bool { return safe[key] })
	p.Say("Removing the tag %s from %d static files of %s", names.SupersededTag, len(keys), list.version)
	if err := each(ctx, keys, func(ctx context.Context, key string) error {
		// It fails for a file that is deleted.
		_, err := p.Output(ctx, "aws", "s3api", "delete-object-tagging", "--bucket", bucket, "--key", key)
		return err
	}); err != nil {
		return err
	}
	if !list.old() {
		return nil
	}
	return p.moveList(ctx, bucket, list, lists+list.version, "")
}

// markSuperseded sets the tag superseded, after a release has succeeded, on the static files that
// only earlier releases have. The bucket's lifecycle rule keeps them for some time, for tabs that
// are open and for going back. What was uploaded after the releases in use is yet to be released.
func (p *promotion) markSuperseded(ctx context.Context, known *outputs, stackFile string) error {
	bucket := known.AssetsBucket
	versions, err := webVersions(stackFile)
	if err != nil || bucket == "" {
		return err
	}
	all, err := p.staticLists(ctx, bucket)
	if err != nil {
		return err
	}
	oldest, ok := oldestOf(all, versions)
	if !ok {
		return nil // a version in use has no list, so that nothing says which files it needs
	}
	needed := map[string]bool{}
	var superseded []fileList
	for _, version := range sortedKeys(all) {
		list := all[version]
		switch {
		case list.old():
		case !slices.Contains(versions, version) && list.uploaded.Before(oldest.uploaded):
			superseded = append(superseded, list)
		default:
			if err := p.addFiles(ctx, bucket, list, needed); err != nil {
				return err
			}
		}
	}
	for _, list := range superseded {
		if err := p.markList(ctx, bucket, list, needed); err != nil {
			return fmt.Errorf("mark the static files of %s in bucket %s: %w\nthey stay until the next release; run: "+
				"scripts/deploy %s",
				list.version, bucket, err, p.stack)
		}
	}
	return nil
}

// oldestOf is the list that was uploaded first; false when a version has none in use.
func oldestOf(all map[string]fileList, versions []string) (oldest fileList, ok bool) {
	for i, version := range versions {
		list, found := all[version]
		if !found || list.old() {
			return fileList{}, false
		}
		if i == 0 || list.uploaded.Before(oldest.uploaded) {
			oldest = list
		}
	}
	return oldest, len(versions) > 0
}

// addFiles puts the files of a list into a set.
func (p *promotion) addFiles(ctx context.Context, bucket string, list fileList, to map[string]bool) error {
	keys, err := p.files(ctx, bucket, list)
	for _, key := range keys {
		to[key] = true
	}
	return err
}

func (p *promotion) markList(ctx context.Context, bucket string, list fileList, needed map[string]bool) error {
	keys, err := p.files(ctx, bucket, list)
	if err != nil {
		return err
	}
	keys = slices.DeleteFunc(keys, func(key string) bool { return needed[key] })
	p.Say("Marking %d static files of %s, which no release in use has", len(keys), list.version)
	if err := each(ctx, keys, func(ctx context.Context, key string) error {
		return p.markFile(ctx, bucket, key)
	}); err != nil {
		return err
	}
	// The list is moved last: were this interrupted, the next command would repeat it.
	return p.moveList(ctx, bucket, list, oldLists+list.version, markTag)
}

// markFile copies a file onto itself with the tag. S3 accepts such a copy only when it replaces the
// file's metadata, which is therefore sent with it.
func (p *promotion) markFile(ctx context.Context, bucket, key string) error {
	var file struct {
		ContentType  string `json:"ContentType"`
		CacheControl string `json:"CacheControl"`
	}
	if err := p.Read(ctx, &file, "aws", "s3api", "head-object", "--bucket", bucket, "--key", key, "--output",
		"json"); err != nil {
		if strings.Contains(err.Error(), "(404)") {
			return nil // it was marked before, and is deleted
		}
		return err
	}
	return p.copyObject(ctx, bucket, key, key, "--tagging", markTag, "--metadata-directive", "REPLACE",
		"--content-type", file.ContentType, "--cache-control", file.CacheControl)
}

// markTag is the tag as the aws command takes it.
const markTag = names.SupersededTag + "=" + names.SupersededValue

// moveList gives a list another key, and the tag, or none.
func (p *promotion) moveList(ctx context.Context, bucket string, list fileList, to, tag string) error {
	if err := p.copyObject(ctx, bucket, list.key, to, "--tagging", tag); err != nil {
		return err
	}
	_, err := p.Output(ctx, "aws", "s3api", "delete-object", "--bucket", bucket, "--key", list.key)
	return err
}

// copyObject copies within the bucket. The aws command encodes the source by itself.
func (p *promotion) copyObject(ctx context.Context, bucket, from, to string, more ...string) error {
	_, err := p.Output(ctx, "aws", append([]string{
		"s3api", "copy-object", "--bucket", bucket, "--key", to, "--copy-source", bucket + "/" + from,
		"--tagging-directive", "REPLACE",
	}, more...)...)
	return err
}

// each calls do for every key, some of them at once, and returns the first error.
func each(ctx context.Context, keys []string, do func(context.Context, string) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(callsAtOnce)
	for _, key := range keys {
		group.Go(func() error { return do(ctx, key) })
	}
	return group.Wait()
}
