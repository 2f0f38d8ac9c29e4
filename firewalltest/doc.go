// Package firewalltest judges production's web ACL by an engine that runs: Coraza with the OWASP
// Core Rule Set, and libinjection, which both AWS and the rule set speak of.
//
// AWS's managed groups run nowhere but in AWS. For each request the tests set beside each other
// what the Core Rule Set finds, what AWS documents of its own rules, and what the web ACL does in
// either case. What the engine finds and AWS's documentation does not mention is a candidate for an
// exception, or for a false alarm on the real service; it never widens an exception by itself.
package firewalltest
