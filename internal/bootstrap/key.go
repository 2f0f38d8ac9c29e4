package bootstrap

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bookmark-manager/infrastructure/delivery/foundation"
	"github.com/bookmark-manager/infrastructure/internal/names"
)

// What a KMS key is among those of other regions, as DescribeKey says.
// https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
const (
	primaryKey = "PRIMARY"
	replicaKey = "REPLICA"
)

// key is a KMS key as DescribeKey shows it.
type key struct {
	arn  string
	kind string // primaryKey, replicaKey, or None for a key of one region
}

// id is the last part of the ARN, which the keys of several regions have in common.
func (k *key) id() string { return k.arn[strings.LastIndex(k.arn, "/")+1:] }

// makeKey makes the key that encrypts secrets in the stacks' configuration and state, and the state
// itself. It is a key of several regions, which no other can be turned into: what it has encrypted
// can be opened in the recovery region too, when this one is lost.
func (m *maker) makeKey(ctx context.Context) (*key, error) {
	found, err := m.findKey(ctx, foundation.KeyAlias)
	if err != nil {
		return nil, fmt.Errorf("look for the key: %w", err)
	}
	if found == nil {
		raw, err := m.change(ctx, "aws", "kms", "create-key", "--multi-region", "--description", keyDescription,
			"--tags", keyTags, "--query", "KeyMetadata.Arn", "--output", "text")
		if err != nil {
			return nil, fmt.Errorf("make the key: %w", err)
		}
		found = &key{strings.TrimSpace(string(raw)), primaryKey}
		if m.dryRun {
			found.arn = "KEY-ARN"
		}
		if err := m.nameKey(ctx, "create-alias", found.arn); err != nil {
			return nil, err
		}
	}
	// KMS rotates replicas with their primary key, and refuses to be asked for it.
	if found.kind != replicaKey {
		if _, err := m.change(ctx, "aws", "kms", "enable-key-rotation", "--key-id", found.arn); err != nil {
			return nil, fmt.Errorf("rotate the key: %w", err)
		}
	}
	m.note("key %s", foundation.KeyAlias)
	return found, nil
}

const (
	keyDescription = "State and secrets of " + names.Project
	keyTags        = "TagKey=Project,TagValue=" + names.Project
)

// nameKey gives a key the name that the project knows it by.
func (m *maker) nameKey(ctx context.Context, how, key string) error {
	if _, err := m.change(ctx, "aws", "kms", how, "--alias-name", foundation.KeyAlias, "--target-key-id",
		key); err != nil {
		return fmt.Errorf("name the key: %w", err)
	}
	return nil
}

// findKey is nil when the region has no such key. name is an alias or an id.
func (m *maker) findKey(ctx context.Context, name string) (*key, error) {
	text, found, err := m.exists(ctx, "NotFoundException", "kms", "describe-key", "--key-id", name,
		"--query", "KeyMetadata.[Arn,MultiRegionConfiguration.MultiRegionKeyType]", "--output", "text")
	if err != nil || !found {
		return nil, err
	}
	parts := strings.Fields(text)
	if len(parts) != 2 {
		return nil, fmt.Errorf("read key %s: aws printed %q, want an ARN and what kind of key it is", name, text)
	}
	return &key{parts[0], parts[1]}, nil
}

// makeReplicaKey makes the key of the recovery region: a replica of the one here, with the same
// name, so that it opens what the one here has encrypted. A key of one region has no replica. Then
// the recovery region has a key of its own, and the stack's secrets are lost with their region.
func (m *maker) makeReplicaKey(ctx context.Context, here *key, there *maker) (*key, error) {
	found, err := there.findKey(ctx, foundation.KeyAlias)
	if err != nil {
		return nil, fmt.Errorf("look for the key: %w", err)
	}
	switch {
	case found != nil && found.id() == here.id():
		m.note("key %s in %s", foundation.KeyAlias, there.region)
		return found, nil
	case here.kind != primaryKey:
		m.note("WRONG: key %s is of %s alone, so the stack's secrets are lost with that region; docs/operations.md, "+
			"\"The state's key\", says how the stack gets another one", foundation.KeyAlias, m.region)
		return there.makeKey(ctx)
	}
	replica := &key{strings.Replace(here.arn, ":"+m.region+":", ":"+there.region+":", 1), replicaKey}
	made, err := there.findKey(ctx, here.id())
	if err != nil {
		return nil, fmt.Errorf("look for the replica of the key: %w", err)
	}
	if made == nil {
		if _, err := m.change(ctx, "aws", "kms", "replicate-key", "--key-id", here.arn, "--replica-region",
			there.region,
			"--description", keyDescription, "--tags", keyTags); err != nil {
			return nil, fmt.Errorf("replicate the key: %w", err)
		}
		if err := there.awaitKey(ctx, here.id()); err != nil {
			return nil, err
		}
	}
	// A key of the region's own, which an earlier run has made, still opens what it has encrypted.
	how := "create-alias"
	if found != nil {
		how = "update-alias"
	}
	m.note("key %s in %s", foundation.KeyAlias, there.region)
	return replica, there.nameKey(ctx, how, here.id())
}

// A replica is in the state Creating for a moment, in which it cannot be used.
const (
	keyAttempts = 30
	keyPause    = 2 * time.Second
)

func (m *maker) awaitKey(ctx context.Context, id string) error {
	if m.dryRun {
		return nil
	}
	var state string
	for range keyAttempts {
		raw, err := m.Output(ctx, "aws", "kms", "describe-key", "--key-id", id, "--query", "KeyMetadata.KeyState",
			"--output", "text")
		if err != nil {
			return fmt.Errorf("wait for the replica of the key: %w", err)
		}
		if state = strings.TrimSpace(string(raw)); state == "Enabled" {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(keyPause):
		}
	}
	return fmt.Errorf("wait for the replica of the key: it is %s after %s, want Enabled: run this again later", state,
		keyAttempts*keyPause)
}
