// Package styles has the styles of code.
package styles

import "github.com/alecthomas/chroma"

// Registry has no style.
var Registry = map[string]*chroma.Style{}

// Register keeps no style.
func Register(style *chroma.Style) *chroma.Style { return style }
