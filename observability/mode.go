package observability

import (
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// Mode says what a stack does about a thing that an account or organization has once.
type Mode string

// A stack that creates the thing also removes it. One that adopts it uses what another stack, or a person, has made. Off leaves it alone.
const (
	Create Mode = "create"
	Adopt  Mode = "adopt"
	Off    Mode = "off"
)

// check adds a problem unless the mode is one of the three. An empty mode is not off: the choice must be seen in the configuration.
func (m Mode) check(p *settings.Problems, path string) {
	p.Want(slices.Contains([]Mode{Create, Adopt, Off}, m), path, settings.Given(string(m)), "%s", settings.OneOf(Create, Adopt, Off))
}
