// Package aws models the AWS provider and AWS itself.
//
// The facts about types are in the schema package; here is what AWS computes and what it refuses.
// Both are tables, split into one file per domain:
//
//   - kinds_*.go: for each type the form of its id and ARN, its defaults and the outputs that AWS
//     computes. A type without an entry gets a random id, its name if it has one, and an ARN in the
//     usual form; if its schema has other outputs, its creation is refused until a Kind sets them
//     or lists them as absent.
//   - rules_*.go: what AWS refuses. A rule has a name, its types, when it is asked, where it is
//     from, and a function that returns AWS's own words, code first: "InvalidVpcID.NotFound: The
//     vpc ID 'vpc-1' does not exist".
//   - limits.go: the lengths and characters of names. What a property may be otherwise (closed
//     sets, forms, ranges) is in the schema package's files of values.
//   - functions.go: the look-ups.
//
// To add a domain, write kinds_DOMAIN.go and rules_DOMAIN.go and add their tables to definition.go.
// In rules_DOMAIN_test.go give each rule a pair: a request that it refuses, with the whole error,
// and one that it lets pass; TestEveryRuleRefusesAndLetsPass fails for a rule without one.
//
// A rule reads the request's inputs, in which what is absent or not known yet is empty, and asks
// the cloud with Find, List, Others and ByARN. It must let unknown values pass: the first preview
// knows no id. Rules about values alone run OnCheck, the others in one transaction with the change
// they judge, so that two providers cannot both be right.
//
// # Who may do what
//
// Every request is decided by package iam, from the policies and the request context that the files
// access_*.go gather. There are these kinds of requests; each column has AWS's terms.
//
//	kind of request                   function                   policies that decide
//	1 an API call of the provider     access.authorise           identity-based, boundary,
//	  in the session of a role                                   resource-based, grants of a key
//	2 a role that it passes, a        passRolePermissions,       as 1, of the caller
//	  service-linked role             linkedRolePermissions
//	3 a forward access session (FAS): keyPermissions             as 1, of the caller
//	  a service uses a key for it
//	4 a service principal assumes     roleTrusts                 the role's trust policy
//	  a role
//	5 a service in the session of     roleMay                    as 1, of that role
//	  such a role
//	6 a service principal uses a      serviceMay, publishes,     resource-based alone: of the
//	  resource                        mayWriteLogs, logsEncrypt  bucket, topic, key, logs
//	7 a GitHub job assumes a role     Foundation.MayTake         the role's trust policy
//	8 a GitHub job in the session     Foundation.MayUseState,    as 1, of that role
//	  of such a role                  Foundation.MayPush
//
// The condition keys of each, beside the global ones that every request has (globalContext:
// aws:RequestedRegion, aws:SecureTransport, aws:ResourceAccount and so on):
//
//	1, 5, 8  aws:PrincipalArn, aws:PrincipalTag, aws:ResourceTag, aws:userid (caller.context)
//	1        aws:RequestTag, aws:TagKeys, iam:PermissionsBoundary, iam:PolicyARN (operationKeys)
//	2        iam:PassedToService, iam:AWSServiceName
//	3        aws:ViaAWSService, aws:CalledVia, kms:ViaService, kms:EncryptionContext,
//	         kms:GrantIsForAWSResource
//	4, 6     aws:PrincipalIsAWSService, aws:PrincipalServiceName (servicePrincipalContext),
//	         aws:SourceAccount, aws:SourceArn (sourceKeys)
//	7        aud and sub of the token
//
// Kinds 1 to 3 and 8 are decided for a caller (caller.has), 4 and 6 for a service principal
// (serviceHas). A rule asks 4 to 6 when it judges what a service will do with what a request makes.
package aws
