package docs

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/quoting"
)

// insertion is text that a recipe's follower writes before the first line with a certain beginning.
type insertion struct{ file, before, text string }

// recipes are two of those in CONTRIBUTING.md, followed: what is written by hand, what is
// generated, and what is asked then.
var recipes = map[string]struct {
	insertions        []insertion
	generate, succeed []string
}{
	"A setting": {
		insertions: []insertion{
			{"network/config.go", "	// Traffic is which traffic is logged.",
				`	// AggregationSeconds is how long a record collects before it is written.
	AggregationSeconds int ` + "`json:\"aggregationSeconds\" enum:\"60,600\" unit:\"seconds\" default:\"600\"`" + "\n"},
			{"network/flowlogs.go", "		TrafficType: ",
				"		MaxAggregationInterval: pulumi.Int(b.args.Config.FlowLogs.AggregationSeconds),\n"},
			{
				"network/network_test.go", "		`network.flowLogs.traffic: found",
				"		`network.flowLogs.aggregationSeconds: found 61, want one of [60 600]`: func(a " +
					"*NetworkArgs) {\n" +
					"			a.Config.FlowLogs.AggregationSeconds = 61\n		},\n",
			},
			{
				"network/network_test.go", "func TestFlowLogsTakeTheKey(",
				`func TestRecordsAreCollectedForAWhile(t *testing.T) {
	r := mustBuild(t, func(a *NetworkArgs) { a.Config.FlowLogs.AggregationSeconds = 60 })
	log, _ := r.Get("aws:ec2/flowLog:FlowLog", "network-flow-logs")
	assert.Equal(t, 60.0, log.Input("maxAggregationInterval"))
}

`,
			},
			{
				"internal/stacktest/every-key.yaml", "    transition: {taskSecurityGroup",
				"    flowLogs: {aggregationSeconds: 60}\n",
			},
		},
		generate: []string{"go test ./internal/stackconfig -run TestTheSchemaIsGenerated -update"},
		succeed:  []string{"go test ./network ./internal/stackconfig"},
	},
	"A resource of a new type": {
		insertions: []insertion{
			{"network/routing.go", "	b.gateway, err = ec2.NewInternetGateway(",
				`	if _, err := ec2.NewVpcDhcpOptions(b.Ctx, b.Child("names"), &ec2.VpcDhcpOptionsArgs{
		DomainNameServers: pulumi.StringArray{pulumi.String("AmazonProvidedDNS")},
		Tags:              b.tags("names"),
	}, b.Parent()); err != nil {
		return b.Wrap("create", "DHCP options", err)
	}
`},
			{"network/network_test.go", "		\"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup\": {\"default\"},",
				"		\"aws:ec2/vpcDhcpOptions:VpcDhcpOptions\": {\"names\"},\n"},
			{"internal/catalog/network.go", "	EIP  ",
				"	DHCPOptions = \"aws:ec2/vpcDhcpOptions:VpcDhcpOptions\"\n"},
			{"internal/catalog/network.go", "	{Type: EIP,",
				"	{Type: DHCPOptions, Free: routing, ARN: arnOf(\"ec2\", `dhcp-options/(.+)`)},\n"},
			{"rehearsal/model/aws/actions.json", ` "aws:ec2/vpcEndpoint:VpcEndpoint": {`,
				` "aws:ec2/vpcDhcpOptions:VpcDhcpOptions": {
  "create": {"actions": ["ec2:CreateDhcpOptions", "ec2:DescribeDhcpOptions"]},
  "read": {"actions": ["ec2:DescribeDhcpOptions"]},
  "update": {"actions": ["ec2:DescribeDhcpOptions"], "source": "what it reads afterwards"},
  "delete": {"actions": ["ec2:DeleteDhcpOptions", "ec2:DescribeDhcpOptions"]},
  "tag": {"add": "ec2:CreateTags", "remove": "ec2:DeleteTags"}
 },
`},
		},
		generate: []string{"go test . -run TestGoldenResources -update"},
		succeed: []string{
			"go test ./network ./internal/catalog ./internal/orphans",
			"cd rehearsal && go test ./model/aws -run 'Actions|Documented'",
		},
	},
}

// A recipe names the files that its change touches, and no others; whoever follows it is done.
func TestRecipesCanBeFollowed(t *testing.T) {
	guide := read(t, "CONTRIBUTING.md")
	for heading, one := range recipes {
		t.Run(heading, func(t *testing.T) {
			named := namedFiles(t, guide, heading)
			copied := copyOfTheModule(t)
			written := map[string]bool{}
			for _, insertion := range one.insertions {
				insertion.into(t, copied)
				written[insertion.file] = true
			}
			for file := range written {
				if filepath.Ext(file) == ".go" {
					inFolder(t, copied, "gofmt -w "+file)
				}
			}
			for _, command := range slices.Concat(one.generate, one.succeed) {
				inFolder(t, copied, command)
			}
			assert.Equal(t, named, changed(t, copied),
				"the files that the recipe names, and those that the change touched")
		})
	}
}

var (
	headings = regexp.MustCompile(`(?m)^### (.+)$`)
	step     = regexp.MustCompile("(?m)^\\d+\\. `([^`]+)`")
)

// namedFiles are the files of a recipe, each at the beginning of a step.
func namedFiles(t *testing.T, guide, heading string) []string {
	t.Helper()
	_, text, found := strings.Cut(guide, "\n### "+heading+"\n")
	require.True(t, found, "CONTRIBUTING.md has no recipe %q, only %v", heading, headings.FindAllString(guide, -1))
	if at := regexp.MustCompile(`(?m)^##+ `).FindStringIndex(text); at != nil {
		text = text[:at[0]]
	}
	var files []string
	for _, match := range step.FindAllStringSubmatch(text, -1) {
		files = append(files, match[1])
	}
	require.NotEmpty(t, files, heading)
	slices.Sort(files)
	return files
}

// copyOfTheModule is a copy of what a clone has, without what was built. It always lies in the same
// folder: what go compiled of one recipe, it need not compile for the next or in the next run.
func copyOfTheModule(t *testing.T) string {
	t.Helper()
	target, err := filepath.Abs(filepath.Join(root, ".rehearsal", "recipe"))
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(target), 0o755))
	// Another run of this test waits until this one has left the folder.
	lock, err := os.OpenFile(target+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	require.NoError(t, err)
	require.NoError(t, syscall.Flock(int(lock.Fd()), syscall.LOCK_EX))
	require.NoError(t, os.RemoveAll(target))
	t.Cleanup(func() {
		assert.NoError(t, os.RemoveAll(target))
		assert.NoError(t, lock.Close())
	})
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == ".git" || entry.Name() == ".rehearsal" || entry.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if entry.Name() == ".git" || !entry.IsDir() && !entry.Type().IsRegular() {
			return nil
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(target, relative), 0o755)
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(target, relative), raw, info.Mode().Perm())
	}))
	return target
}

func (i insertion) into(t *testing.T, folder string) {
	t.Helper()
	path := filepath.Join(folder, i.file)
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := strings.SplitAfter(string(raw), "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, i.before) })
	require.GreaterOrEqual(t, at, 0, "%s has no line that begins with %q any more: write the recipe of this test anew",
		i.file, i.before)
	lines = slices.Insert(lines, at, i.text)
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "")), 0o644))
}

// inFolder runs a command. Where make runs this test, go compiles the copy with the SDKs that are
// trimmed for the project: what a recipe takes of them stands in a test of its package.
func inFolder(t *testing.T, folder, command string) {
	t.Helper()
	shell := exec.Command("bash", "-c", command)
	shell.Dir = folder
	if sdks := os.Getenv("SDKS"); sdks != "" && !strings.HasPrefix(command, "cd rehearsal") {
		shell.Env = append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" -vet=off "+quoting.Go("-modfile="+sdks))
	}
	out, err := shell.CombinedOutput()
	require.NoError(t, err, "%s\n%s", command, out)
}

// changed are the files of the copy that differ from the repository's.
func changed(t *testing.T, folder string) []string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		now, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		before, err := os.ReadFile(filepath.Join(root, relative))
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		if string(now) != string(before) {
			files = append(files, filepath.ToSlash(relative))
		}
		return nil
	}))
	slices.Sort(files)
	return files
}
