package recovery

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

// assetsOrigin is the id of the distribution's origin that is a bucket.
const assetsOrigin = "assets"

// assets points the distribution's files at the stack's bucket.
func (r *run) assets() (err error) {
	distribution, err := r.distributionOfStandby()
	if err != nil {
		return err
	}
	raw, err := r.tools.Output(r.command.Context(), "pulumi", "stack", "output", "assetsBucket", "--stack",
		r.from.stack)
	if err != nil {
		return fmt.Errorf("find the assets bucket of stack %s: %w", r.from.stack, err)
	}
	domain := strings.TrimSpace(string(raw)) + ".s3." + r.from.Config.AWS.Region + ".amazonaws.com"
	var found struct {
		ETag               string
		DistributionConfig map[string]any
	}
	if err := r.aws(&found, names.UsEast1, "cloudfront", "get-distribution-config", "--id", distribution); err != nil {
		return fmt.Errorf("read distribution %s: %w", distribution, err)
	}
	if err := pointAssetsAt(found.DistributionConfig, domain); err != nil {
		return fmt.Errorf("change distribution %s: %w", distribution, err)
	}
	// The origin's secret is in it.
	folder, err := os.MkdirTemp("", "recovery")
	if err != nil {
		return fmt.Errorf("make a folder for the distribution: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path := filepath.Join(folder, "distribution.json")
	if raw, err = json.Marshal(found.DistributionConfig); err != nil {
		return fmt.Errorf("write distribution %s: %w", distribution, err)
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return fmt.Errorf("write distribution %s: %w", distribution, err)
	}
	var status string
	if err := r.aws(&status, names.UsEast1, "cloudfront", "update-distribution", "--id", distribution, "--if-match",
		found.ETag,
		"--distribution-config", "file://"+path, "--query", "Distribution.Status"); err != nil {
		return fmt.Errorf("change distribution %s: %w", distribution, err)
	}
	r.say("Distribution %s takes its files from %s; waiting for the edges", distribution, domain)
	return r.tools.Run(r.command.Context(), "aws", "cloudfront", "wait", "distribution-deployed", "--id", distribution)
}

// pointAssetsAt gives the origin another domain, and leaves everything else as it is.
func pointAssetsAt(distribution map[string]any, domain string) error {
	origins, _ := distribution["Origins"].(map[string]any)
	items, _ := origins["Items"].([]any)
	for _, item := range items {
		if origin, ok := item.(map[string]any); ok && origin["Id"] == assetsOrigin {
			origin["DomainName"] = domain
			return nil
		}
	}
	return fmt.Errorf("none of its %d origins has the id %q", len(items), assetsOrigin)
}
