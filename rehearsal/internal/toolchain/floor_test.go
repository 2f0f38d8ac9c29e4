package toolchain

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/constant"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The floor of the project must carry what the project carries, or it would be too low.
func TestTheFloorImportsTheSDKsOfTheProgram(t *testing.T) {
	imports, err := foreignImports(context.Background(), "go", "../../..")
	require.NoError(t, err)
	for _, sdk := range []string{
		"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2", "github.com/pulumi/pulumi-datadog/sdk/v4/go/datadog/aws",
		"github.com/pulumi/pulumi-mongodbatlas/sdk/v3/go/mongodbatlas",
		"github.com/pulumi/pulumi-random/sdk/v4/go/random",
		"github.com/pulumiverse/pulumi-sentry/sdk/go/sentry", "github.com/pulumi/pulumi/sdk/v3/go/pulumi",
	} {
		assert.Contains(t, imports, sdk)
	}
	for _, path := range imports {
		assert.False(t, strings.HasPrefix(path, "github.com/bookmark-manager/"), "%s is part of the program", path)
		assert.Contains(t, path, ".", "the standard library")
	}
}

// The smallest program shows that the floor is built and that its source leaves no trace in the
// project.
func TestTheFloorIsBuiltBesideTheProgram(t *testing.T) {
	dir, err := filepath.Abs("../../cmd/rehearse/testdata/program")
	require.NoError(t, err)
	b, _ := builder(t)
	path, err := b.Floor(context.Background(), dir)
	require.NoError(t, err)
	var exit *exec.ExitError
	require.ErrorAs(t, exec.Command(path).Run(), &exit)
	assert.Equal(t, constant.ExitStatusLoggedError, exit.ExitCode(), "as pulumi.Run ends when no engine has started it")
	assert.NoDirExists(t, filepath.Join(dir, floorDir))
	_, err = os.Stat(filepath.Join(dir, "main.go"))
	require.NoError(t, err)
}
