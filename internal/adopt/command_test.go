package adopt

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

// world is a folder with the stack file and the state, and a stand-in for pulumi that writes down
// its arguments and its standard input.
func world(t *testing.T, state func([]byte) []byte) (folder string) {
	t.Helper()
	folder = t.TempDir()
	stack, err := os.ReadFile("../../Pulumi.prod.yaml")
	require.NoError(t, err)
	raw, err := os.ReadFile(stateFile)
	require.NoError(t, err)
	for name, content := range map[string][]byte{"Pulumi.prod.yaml": stack, "state": state(raw)} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
	bin := t.TempDir()
	script := "#!/bin/sh\necho \"$*\" >>\"" + folder + "/calls\"\ncat >>\"" + folder + "/input\"\necho >>\"" +
		folder + "/input\"\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "pulumi"), []byte(script), 0o755))
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Chdir(folder)
	return folder
}

func asItIs(raw []byte) []byte { return raw }

func called(t *testing.T, args ...string) (code int, out, problems string) {
	t.Helper()
	var o, p bytes.Buffer
	code = command.Run(t.Context(), Command(), args, nil, &o, &p)
	return code, o.String(), p.String()
}

func files(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return strings.Join(names, " ")
}

func TestSecretsGoToPulumiByStandardInput(t *testing.T) {
	folder := world(t, asItIs)
	code, out, problems := called(t, "--stack", "prod", "--state", "state", "--secrets", "--patch", "patch.yaml",
		"--release", "release.sh")
	require.Equal(t, command.OK, code, problems)
	calls, err := os.ReadFile(filepath.Join(folder, "calls"))
	require.NoError(t, err)
	assert.Equal(t, "config set --secret --stack prod bookmark-manager:adoptedMasterPassword\n"+
		"config set --secret --stack prod bookmark-manager:adoptedJwtSecret\n", string(calls))
	input, err := os.ReadFile(filepath.Join(folder, "input"))
	require.NoError(t, err)
	assert.Equal(t, "Kx7mPq2vRt9wLs4nZc6bHd8f\njwt-secret-of-the-terraform-production-0123\n", string(input))
	assert.NotContains(t, out+problems, "Kx7mPq2vRt9wLs4nZc6bHd8f")
	assert.Equal(t, "Pulumi.prod.yaml calls input patch.yaml release.sh state", files(t, folder))
}

func TestWhatIsRefusedWritesNothing(t *testing.T) {
	folder := world(t, func(raw []byte) []byte {
		return bytes.Replace(raw, []byte(`"storage_encrypted": true`), []byte(`"storage_encrypted": false`), 1)
	})
	args := []string{"--stack", "prod", "--state", "state", "--secrets", "--patch", "patch.yaml", "--release",
		"release.sh"}
	code, out, problems := called(t, args...)
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, out, "Refused (1)\n  aws_rds_cluster.main.storage_encrypted: found false, want true")
	assert.Contains(t, problems, "nothing was written")
	assert.Equal(t, "Pulumi.prod.yaml state", files(t, folder))
	code, _, problems = called(t, append(args, "--unencrypted")...)
	assert.Equal(t, command.OK, code, problems)
}

func TestACallThatIsWrongWritesNothing(t *testing.T) {
	for want, args := range map[string][]string{
		"read the flag --stack: it is missing":        {"--state", "state"},
		"read the flag --state: it is missing":        {"--stack", "prod"},
		"read the stack file: open Pulumi.none.yaml":  {"--stack", "none", "--state", "state"},
		"read a Terraform state: open none":           {"--stack", "prod", "--state", "none"},
		"read the Terraform state Pulumi.prod.yaml: ": {"--stack", "prod", "--state", "Pulumi.prod.yaml"},
		"read the Terraform states: state (serial 89)": {"--stack", "prod", "--state", "state", "--state",
			"state"},
		"read the arguments: found \"state\", want flags": {"--stack", "prod", "state"},
	} {
		t.Run(want, func(t *testing.T) {
			folder := world(t, asItIs)
			code, out, problems := called(t, append(args, "--patch", "patch.yaml", "--secrets")...)
			assert.Equal(t, command.Usage, code)
			assert.Empty(t, out)
			assert.Contains(t, problems, want)
			assert.Equal(t, "Pulumi.prod.yaml state", files(t, folder))
		})
	}
}

// A secret that cannot be set is said, and the others are not tried.
func TestASecretThatCannotBeSet(t *testing.T) {
	folder := world(t, asItIs)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "pulumi"), []byte("#!/bin/sh\nexit 255\n"), 0o755))
	t.Setenv("PATH", folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	code, _, problems := called(t, "--stack", "prod", "--state", "state", "--secrets")
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "set secret adoptedMasterPassword: run pulumi config set --secret")
}
