package regionloss

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
)

// The tools that the runbook calls, beside pulumi, git and the scripts, which are the real ones.
// They are links to this program in a folder that comes first on the PATH.
const (
	AWSTool    = "aws"
	AtlasTool  = "atlas"
	InfraTool  = "infra"
	curlTool   = "curl"
	dockerTool = "docker"
	gitHubTool = "gh"
)

// Tools are their names.
var Tools = []string{AWSTool, AtlasTool, InfraTool, curlTool, dockerTool, gitHubTool}

// The environment variables of the tools.
const (
	BucketsEnv = "REHEARSAL_BUCKETS" // the folder with a folder for each bucket
	FolderEnv  = "REHEARSAL_FOLDER"  // that of the drill, where tools keep what they have been told
)

// StandIn answers for curl, docker and gh, and returns what they print.
func StandIn(c *cloud.Cloud, name string, args []string) (string, error) {
	if len(args) == 0 {
		return "", fmt.Errorf("%s: it is called without arguments", name)
	}
	switch name {
	case curlTool:
		return curl(c, args)
	case dockerTool:
		return docker(c, args)
	case gitHubTool:
		return gitHub(os.Getenv(FolderEnv), args)
	}
	return "", fmt.Errorf("%s: it is no tool of the drill", name)
}

// curl asks the site for a page, which it follows through the clouds of the model.
func curl(c *cloud.Cloud, args []string) (string, error) {
	if len(args) != 2 || args[0] != "-fsS" {
		return "", fmt.Errorf("curl: the drill's knows curl -fsS URL, not %q", args)
	}
	all, err := c.List()
	if err != nil {
		return "", err
	}
	region, err := Ask(all, args[1])
	if err != nil {
		return "", fmt.Errorf("curl: (22) %w", err)
	}
	return "answered from " + region + "\n", nil
}

// imageURL is an image of a repository of ECR.
var imageURL = regexp.MustCompile(`^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([^:]+):(.+)$`)

// docker builds nothing: it wants the Dockerfile of the service to be there. A push goes into the
// model's repository, and an image has one static file.
func docker(c *cloud.Cloud, args []string) (string, error) {
	last := args[len(args)-1]
	switch args[0] {
	case "build":
		at := slices.Index(args, "--file")
		if at < 0 || at+1 == len(args) {
			return "", errors.New("docker build: it has no --file")
		}
		_, err := os.Stat(args[at+1])
		return "", err
	case "login": // with a password on its standard input
		_, err := io.Copy(io.Discard, os.Stdin)
		return "", err
	case "pull", "rm":
		return "", nil
	case "create":
		return "container\n", nil
	case "cp":
		return "", os.WriteFile(filepath.Join(last, "chunk-"+commit+".js"), []byte("code"), 0o600)
	case "push":
		image := imageURL.FindStringSubmatch(last)
		if image == nil {
			return "", fmt.Errorf("docker push: found %q, want an image in a repository of ECR", last)
		}
		var lost bool
		if err := c.View(func(tx *cloud.Tx) (err error) {
			lost, err = aws.Lost(tx, image[2])
			return err
		}); err != nil {
			return "", err
		}
		if lost {
			return "", fmt.Errorf("docker push: dial tcp: lookup %s: i/o timeout", last)
		}
		_, err := aws.Push(c, image[1], image[2], image[3], image[4])
		return "", err
	}
	return "", fmt.Errorf("docker: the drill's knows build, cp, create, login, pull, push and rm, not %q", args[0])
}

// gitHub switches workflows off and on, and remembers those that are off.
func gitHub(folder string, args []string) (string, error) {
	if len(args) != 3 || args[0] != "workflow" {
		return "", fmt.Errorf("gh: the drill's knows workflow disable and workflow enable, not %q", args)
	}
	// The workflows lie beside the scripts, which are a link into the repository: the path must not
	// be shortened before it is followed.
	if _, err := os.Stat("scripts/../.github/workflows/" + args[2]); err != nil {
		return "", fmt.Errorf("gh: could not find any workflows named %s: %w", args[2], err)
	}
	path := filepath.Join(folder, disabled(args[2]))
	switch args[1] {
	case "disable":
		return "", os.WriteFile(path, nil, 0o600)
	case "enable":
		if err := os.Remove(path); err != nil {
			return "", fmt.Errorf("gh: %s is enabled already: %w", args[2], err)
		}
		return "", nil
	}
	return "", fmt.Errorf("gh: the drill's knows workflow disable and workflow enable, not %q", args)
}

// disabled is the file that is there while a workflow is off.
func disabled(workflow string) string { return workflow + ".disabled" }

// splitURL is the host and the path of an address.
func splitURL(url string) (host, path string, err error) {
	rest, ok := strings.CutPrefix(url, "https://")
	if !ok {
		return "", "", fmt.Errorf("ask %s: want https", url)
	}
	host, path, _ = strings.Cut(rest, "/")
	return host, "/" + path, nil
}
