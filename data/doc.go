// Package data makes what holds the stack's data and what protects it: KMS keys by purpose,
// buckets, the Aurora and MongoDB Atlas clusters, the parameters that tasks read, and backups
// beyond those that the databases take themselves.
//
// Everything is encrypted at rest, reached over TLS alone, and closed to the internet. What holds
// data carries Pulumi's and the provider's protection unless the stack is disposable. A teardown
// lifts the protection, yet final snapshots, recovery points and the key that opens them stay
// behind.
package data
