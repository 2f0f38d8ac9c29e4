// Command meter is the -toolexec of a build that `rehearse bench --cold` measures.
package main

import (
	"fmt"
	"os"

	"github.com/bookmark-manager/infrastructure/rehearsal/internal/meter"
)

func main() {
	code, err := meter.Tool(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
