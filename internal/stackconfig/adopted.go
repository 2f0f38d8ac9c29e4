package stackconfig

import (
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/adopted"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// checkAdopted reports every problem of section "adopted". No object becomes two resources.
func checkAdopted(c adopted.Config) settings.Problems {
	p := settings.Check(c)
	byID := map[string]string{}
	for _, key := range c.Keys() {
		typ, _, _ := strings.Cut(key, " ")
		object := typ + " " + c.Resources[key].ID
		other, twice := byID[object]
		p.Want(!twice, settings.Key("resources", key)+".id", c.Resources[key].ID,
			"an id of its own: %s has it too", other)
		byID[object] = key
	}
	return p
}

// adoption reports what would lock out the former tasks, or admit them for good.
func (c *Config) adoption() settings.Problems {
	var p settings.Problems
	under := len(c.Adopted.Resources) > 0 && c.Adopted.Stage != adopted.Close
	p.WantBeside("adopted", c.Network.Transition == nil || under, "network.transition", "a transition",
		"nothing, unless there are adopted.resources and adopted.stage is %s or %s: it lets tasks through that "+
			"nothing runs any more",
		adopted.Take, adopted.Move)
	p.WantBeside("adopted", !under || c.Aurora.MasterPasswordRotation <= 1, "aurora.masterPasswordRotation",
		c.Aurora.MasterPasswordRotation, "1 until adopted.stage is %s: the former tasks log in with the password "+
			"that is there", adopted.Close)
	p.WantBeside("adopted", !under || c.Parameters.JWTRotation <= 1, "parameters.jwtRotation",
		c.Parameters.JWTRotation, "1 until adopted.stage is %s: the former tasks sign with the key that is there",
		adopted.Close)
	return p
}
