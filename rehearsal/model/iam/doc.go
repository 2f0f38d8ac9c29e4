// Package iam decides whether a request is allowed, as AWS does: from the documents that are
// attached to who asks (identity policies, a permissions boundary, session policies) and to what is
// asked about (a resource's policy, a role's trust, grants of a KMS key).
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
//
// It knows the elements, operators and condition keys that it can judge. Another one is an error
// that names it, and never a match or a mismatch: a document that the model does not understand
// must not decide anything.
package iam
