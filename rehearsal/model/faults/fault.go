// Package faults makes a model provider fail as real ones do: a request is refused, its answer is
// lost, the plugin dies with it, or the whole deploy is killed. A plan says which operation fails
// and how. Without one the provider is what it was.
package faults

import "slices"

// Operation is what the engine asks of a provider.
type Operation string

// The operations.
const (
	Create Operation = "create"
	Update Operation = "update"
	Delete Operation = "delete"
)

// Operations are all of them.
var Operations = []Operation{Create, Update, Delete}

// Kind is what goes wrong with an operation.
type Kind string

// The kinds. Those up to Dependency leave the cloud as it was.
const (
	// the service refuses the request, and all that the provider repeats of it
	Throttled   Kind = "throttled"
	Unavailable Kind = "service error" // the service answers with 5xx
	// what it needs is not there yet (create), is being changed (update), is still used (delete)
	Dependency Kind = "dependency"
	Lost       Kind = "answer lost"           // it is done, and nobody learns of it
	Repeated   Kind = "answer lost, repeated" // the provider asks again for what is made already
	// it is done, and the provider gives up waiting: the engine keeps it as partly made
	NotReady    Kind = "not ready in time"
	CrashBefore Kind = "plugin crash before it" // the provider's process dies before the request leaves
	CrashAfter  Kind = "plugin crash after it"  // the provider's process dies with the answer
)

// Kinds are those that an operation of a resource type can meet.
func Kinds(operation Operation, provider string) []Kind {
	if provider == "random" { // no service stands behind it
		return []Kind{CrashBefore, CrashAfter}
	}
	switch operation {
	case Create:
		return []Kind{Throttled, Unavailable, Dependency, Lost, Repeated, NotReady, CrashBefore, CrashAfter}
	case Update:
		return []Kind{Throttled, Unavailable, Dependency, Lost, NotReady, CrashBefore, CrashAfter}
	default:
		return []Kind{Throttled, Unavailable, Dependency, Lost, CrashBefore, CrashAfter}
	}
}

// IsCrash says whether the kind ends the plugin, and with it every operation that the plugin has
// under way.
func (k Kind) IsCrash() bool { return k == CrashBefore || k == CrashAfter }

// done says whether the cloud has carried the operation out when it fails.
func (k Kind) done() bool {
	return slices.Contains([]Kind{Lost, Repeated, NotReady, CrashAfter}, k)
}

// Fault is one operation on one resource that fails once.
type Fault struct {
	Operation Operation `json:"operation"`
	URN       string    `json:"urn"`
	Kind      Kind      `json:"kind"`
}
