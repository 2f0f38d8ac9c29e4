package observability

import "github.com/bookmark-manager/infrastructure/internal/settings"

// Mode says whether a stack manages a resource of which an account or organization has only one.
type Mode string

// A stack that creates the thing also removes it. One that adopts it uses what another stack, or a
// person, has made. Off leaves it alone.
const (
	Create Mode = "create"
	Adopt  Mode = "adopt"
	Off    Mode = "off"
)

// Rule implements settings.Ruled. An empty mode is not off: the choice must be seen in the
// configuration.
func (Mode) Rule() settings.Rule { return settings.Set(Create, Adopt, Off) }
