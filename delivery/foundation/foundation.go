// Package foundation names what has to exist before the program can run, in each AWS account: the
// bucket of Pulumi's state, the key of its secrets, and how GitHub's tokens are trusted. `make
// bootstrap` makes these things and the program refers to them, so both take the names from here.
package foundation

import (
	"github.com/bookmark-manager/infrastructure/internal/names"
)

const (
	// KeyAlias is the KMS key that encrypts secrets in the stacks' configuration and state, and the
	// state itself.
	KeyAlias = "alias/" + names.Project + "-state"
	// Issuer signs the tokens of GitHub's workflows. An account has one identity provider for it.
	Issuer = "token.actions.githubusercontent.com"
	// Audience is what AWS's credentials action asks GitHub to put into a token.
	Audience = "sts.amazonaws.com"
	// BootstrapRole is the last part of the name of the first role.
	BootstrapRole = "bootstrap"
)

// StateBucket is the bucket of the state of an account's stacks in a region. Bucket names are
// global, so the account is part of it; so is the region, for a stack that takes over from one
// whose region is lost cannot have its state there.
func StateBucket(account, region string) string {
	return names.Project + "-state-" + account + "-" + region
}

// BackendURL is what `pulumi login` takes.
func BackendURL(account, region string) string {
	return "s3://" + StateBucket(account, region) + "?region=" + region
}

// SecretsProvider is what `pulumi stack init --secrets-provider` takes.
func SecretsProvider(region string) string { return "awskms://" + KeyAlias + "?region=" + region }

// ProviderArn is the ARN that an account's identity provider for GitHub always has.
func ProviderArn(account string) string {
	return "arn:aws:iam::" + account + ":oidc-provider/" + Issuer
}

// Subject is the subject of the tokens that GitHub gives to a job of a repository that runs in an
// environment. repository is "owner/name", or "owner@1/name@2" where GitHub puts the immutable ids
// in.
// https://docs.github.com/en/actions/reference/security/oidc
func Subject(repository, environment string) string {
	return "repo:" + repository + ":environment:" + environment
}
