package bootstrap

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bookmark-manager/infrastructure/delivery/foundation"
)

// keptVersions is how many days an earlier state can be restored.
const keptVersions = 90

// makeBucket makes the bucket if it is missing, and sets its properties at each run.
func (m *maker) makeBucket(ctx context.Context, key string) error {
	bucket := foundation.StateBucket(m.account, m.region)
	_, found, err := m.exists(ctx, "(404)", "s3api", "head-bucket", "--bucket", bucket, "--expected-bucket-owner",
		m.account)
	if err != nil {
		return fmt.Errorf("look for the bucket %s: %w", bucket, err)
	}
	m.empty = !found && m.dryRun
	if !found {
		create := []string{"s3api", "create-bucket", "--bucket", bucket}
		if m.region != "us-east-1" { // which is the default, and refused when it is named
			create = append(create, "--create-bucket-configuration", "LocationConstraint="+m.region)
		}
		if _, err := m.change(ctx, "aws", create...); err != nil {
			return fmt.Errorf("make the bucket %s: %w", bucket, err)
		}
	}
	for _, setting := range []struct {
		command, flag string
		value         any
	}{
		{"put-public-access-block", "--public-access-block-configuration", map[string]bool{
			"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
		}},
		{"put-bucket-ownership-controls", "--ownership-controls",
			rules(map[string]any{"ObjectOwnership": "BucketOwnerEnforced"})},
		{"put-bucket-versioning", "--versioning-configuration", map[string]string{"Status": "Enabled"}},
		{"put-bucket-encryption", "--server-side-encryption-configuration", rules(map[string]any{
			"ApplyServerSideEncryptionByDefault": map[string]string{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
			"BucketKeyEnabled":                   true,
		})},
		{"put-bucket-lifecycle-configuration", "--lifecycle-configuration", rules(map[string]any{
			"ID": "old-versions", "Status": "Enabled", "Filter": map[string]string{"Prefix": ""},
			"NoncurrentVersionExpiration":    map[string]int{"NoncurrentDays": keptVersions},
			"AbortIncompleteMultipartUpload": map[string]int{"DaysAfterInitiation": 1},
		})},
		{"put-bucket-policy", "--policy", statement(map[string]any{
			"Sid": "OnlyEncryptedTransport", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
			"Resource":  []string{"arn:aws:s3:::" + bucket, "arn:aws:s3:::" + bucket + "/*"},
			"Condition": map[string]any{"Bool": map[string]string{"aws:SecureTransport": "false"}},
		})},
	} {
		value, err := json.Marshal(setting.value)
		if err != nil {
			return fmt.Errorf("write %s of the bucket: %w", setting.command, err)
		}
		if _, err := m.change(ctx, "aws", "s3api", setting.command, "--bucket", bucket, setting.flag,
			string(value)); err != nil {
			return fmt.Errorf("set up the bucket %s: %w", bucket, err)
		}
	}
	m.note("bucket %s", bucket)
	return nil
}

func rules(one map[string]any) map[string]any { return map[string]any{"Rules": []any{one}} }

func statement(one map[string]any) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": []any{one}}
}

// administrator is what the first role may do. It makes the roles of deploys and what limits them,
// so nothing less would do. Its jobs run in an environment of their own, which admits the main
// branch alone; those of production wait for the reviewers of production-approval.
const administrator = "arn:aws:iam::aws:policy/AdministratorAccess"

const secondsPerHour = 3600

// makeRole makes GitHub's identity provider and the first role.
func (m *maker) makeRole(ctx context.Context) error {
	provider := foundation.ProviderArn(m.account)
	clients, found, err := m.exists(ctx, "NoSuchEntity", "iam", "get-open-id-connect-provider",
		"--open-id-connect-provider-arn", provider,
		"--query", "ClientIDList", "--output", "text")
	if err != nil {
		return fmt.Errorf("look for GitHub's identity provider: %w", err)
	}
	switch {
	case !found:
		_, err = m.change(ctx, "aws", "iam", "create-open-id-connect-provider", "--url", "https://"+foundation.Issuer,
			"--client-id-list", foundation.Audience)
	case !slices.Contains(strings.Fields(clients), foundation.Audience):
		_, err = m.change(ctx, "aws", "iam", "add-client-id-to-open-id-connect-provider",
			"--open-id-connect-provider-arn", provider,
			"--client-id", foundation.Audience)
	}
	if err != nil {
		return fmt.Errorf("make GitHub's identity provider: %w", err)
	}
	role := m.environment.Name(foundation.BootstrapRole)
	trust := statement(map[string]any{
		"Effect":    "Allow",
		"Action":    "sts:AssumeRoleWithWebIdentity",
		"Principal": map[string]string{"Federated": provider},
		"Condition": map[string]any{"StringEquals": map[string]string{
			foundation.Issuer + ":aud": foundation.Audience,
			foundation.Issuer + ":sub": foundation.Subject(m.trust.repository, m.trust.environment),
		}},
	})
	if err := m.putRole(ctx, role, trust, m.trust.hours,
		"First deploy, and changes of the delivery roles"); err != nil {
		return err
	}
	if _, err := m.change(ctx, "aws", "iam", "attach-role-policy", "--role-name", role, "--policy-arn",
		administrator); err != nil {
		return fmt.Errorf("allow role %s: %w", role, err)
	}
	m.note("role %s, for jobs of %s in environment %s", role, m.trust.repository, m.trust.environment)
	return nil
}

// putRole makes a role, or brings one that is there up to date.
func (m *maker) putRole(ctx context.Context, role string, trust map[string]any, hours int, description string) error {
	document, err := json.Marshal(trust)
	if err != nil {
		return fmt.Errorf("write the trust of role %s: %w", role, err)
	}
	_, found, err := m.exists(ctx, "NoSuchEntity", "iam", "get-role", "--role-name", role)
	if err != nil {
		return fmt.Errorf("look for role %s: %w", role, err)
	}
	session := strconv.Itoa(hours * secondsPerHour)
	if found {
		if _, err = m.change(ctx, "aws", "iam", "update-assume-role-policy", "--role-name", role, "--policy-document",
			string(document)); err == nil {
			_, err = m.change(ctx, "aws", "iam", "update-role", "--role-name", role, "--max-session-duration", session)
		}
	} else {
		_, err = m.change(ctx, "aws", "iam", "create-role", "--role-name", role, "--assume-role-policy-document",
			string(document),
			"--max-session-duration", session, "--description", description)
	}
	if err != nil {
		return fmt.Errorf("make role %s: %w", role, err)
	}
	return nil
}
