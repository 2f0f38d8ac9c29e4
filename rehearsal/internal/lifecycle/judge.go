package lifecycle

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// keeping are the types that hold data that cannot be made again. The list is separate from the
// guard's own, so that it can check it.
var keeping = []string{
	catalog.BackupVault, catalog.LogGroup, catalog.Repository, catalog.Key, catalog.RDSCluster,
	"aws:rds/globalCluster:GlobalCluster", catalog.Zone, catalog.Bucket, catalog.AtlasCluster, catalog.SentryProject,
}

// preview is what is read of one beside what the guard reads: its failures too.
type preview struct {
	Steps []struct {
		Op       string `json:"op"`
		URN      string `json:"urn"`
		OldState struct {
			Type    string `json:"type"`
			Protect bool   `json:"protect"`
		} `json:"oldState"`
	} `json:"steps"`
	Diagnostics []struct {
		Severity string `json:"severity"`
		Message  string `json:"message"`
	} `json:"diagnostics"`
}

// lost are the URNs of what a plan replaces or deletes though it keeps something or is protected.
func (p preview) lost() []string {
	var urns []string
	for _, step := range p.Steps {
		goes := step.Op == "delete" || step.Op == "replace" || step.Op == "delete-replaced"
		if goes && (step.OldState.Protect || slices.Contains(keeping, step.OldState.Type)) &&
			!slices.Contains(urns, step.URN) {
			urns = append(urns, step.URN)
		}
	}
	return urns
}

func (p preview) errors() string {
	var all []string
	for _, one := range p.Diagnostics {
		if one.Severity == "error" {
			all = append(all, strings.TrimSpace(one.Message))
		}
	}
	return strings.Join(all, "\n")
}

// verdict previews the stack as its file is now.
func (p *previewer) verdict(ctx context.Context) (Verdict, string, error) {
	raw, previewErr := p.Preview(ctx)
	if ctx.Err() != nil {
		return "", "", ctx.Err()
	}
	var read preview
	if err := json.Unmarshal(raw, &read); err != nil {
		return "", "", errors.Join(previewErr, fmt.Errorf("read the preview: %w", err))
	}
	if said := read.errors(); said != "" {
		return failed(said), said, nil
	}
	if previewErr != nil {
		return "", "", previewErr // a preview that fails says why among its diagnostics
	}
	findings, err := guarded(raw)
	if err != nil {
		return "", "", err
	}
	for _, urn := range read.lost() {
		if !slices.ContainsFunc(findings, func(finding string) bool {
			return strings.Contains(urn, strings.Fields(finding)[0])
		}) {
			return Wrong, "the guard does not see that this is lost: " + urn, nil
		}
	}
	if len(findings) > 0 {
		return Guarded, strings.Join(findings, "\n"), nil
	}
	return Planned, "", nil
}

// guarded are what the guard finds in the plan.
func guarded(raw []byte) ([]string, error) {
	preview, err := plan.Read(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("ask the guard: %w", err)
	}
	var findings []string
	for _, finding := range plan.Judge(preview) {
		findings = append(findings, finding.String())
	}
	return findings, nil
}
