// The resources of the Pulumi provider for Sentry that bookmark-manager uses, as its version 0.0.9 takes them.
package sentry
