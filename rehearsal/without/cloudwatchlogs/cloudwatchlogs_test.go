package cloudwatchlogs

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The test runs itself: the client ends its process.
func TestAClientEndsTheCLI(t *testing.T) {
	if os.Getenv("CLIENT") != "" {
		NewFromConfig(nil)
		return
	}
	cli := exec.Command(os.Args[0], "-test.run", "^TestAClientEndsTheCLI$")
	cli.Env = append(os.Environ(), "CLIENT=1")
	said, err := cli.CombinedOutput()
	if err == nil || !strings.Contains(string(said), "put Pulumi's own CLI on the PATH") {
		t.Errorf("got %v and %q, want an error that says how to get what is left out", err, said)
	}
}
