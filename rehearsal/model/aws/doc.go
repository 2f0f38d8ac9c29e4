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
package aws
