package toolchain

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/blang/semver"
)

// InstalledPlugin returns the file of a provider's plugin: the one on PATH, else the newest in
// Pulumi's plugin folder ($PULUMI_HOME/plugins, or ~/.pulumi/plugins). program is the built
// program, which knows the version to install when there is none.
func InstalledPlugin(provider, program string) (string, error) {
	path, err := FindPlugin(provider)
	if err != nil || path != "" {
		return path, err
	}
	dir, err := pluginFolder()
	if err != nil {
		return "", err
	}
	version, err := sdkVersion(provider, program)
	if err != nil {
		return "", err
	}
	return "", fmt.Errorf("find the plugin pulumi-resource-%s: it is neither on PATH nor in %s: get it with `pulumi "+
		"plugin install resource %s`", provider, dir, strings.TrimSpace(provider+" "+version))
}

// FindPlugin is InstalledPlugin for those who can do without: it returns "" when there is none.
func FindPlugin(provider string) (string, error) {
	file := "pulumi-resource-" + provider
	if path, err := exec.LookPath(file); err == nil {
		return filepath.Abs(path)
	}
	dir, err := pluginFolder()
	if err != nil {
		return "", err
	}
	newest, err := newestPlugin(dir, provider)
	if err != nil || newest == "" {
		return "", err
	}
	return filepath.Join(newest, file), nil
}

func pluginFolder() (string, error) {
	home := os.Getenv("PULUMI_HOME")
	if home == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find Pulumi's plugin folder: %w: set PULUMI_HOME", err)
		}
		home = filepath.Join(user, ".pulumi")
	}
	return filepath.Join(home, "plugins"), nil
}

// sdkVersion is the version of a provider's SDK in a program, which is its plugin's too, or "" if
// the program does not use it.
func sdkVersion(provider, program string) (string, error) {
	build, err := buildinfo.ReadFile(program)
	if err != nil {
		return "", fmt.Errorf("read the modules of the program %s: %w", program, err)
	}
	for _, module := range build.Deps {
		if strings.HasPrefix(module.Path, "github.com/pulumi/pulumi-"+provider+"/sdk/") {
			return module.Version, nil
		}
	}
	return "", nil
}

// newestPlugin returns the folder of the newest version of a plugin, or "" if there is none.
func newestPlugin(dir, provider string) (string, error) {
	prefix := "resource-" + provider + "-v"
	folders, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	if err != nil {
		return "", fmt.Errorf("list the plugins in %s: %w", dir, err)
	}
	var newest string
	var version semver.Version
	for _, folder := range folders {
		// Beside the folders there are files such as resource-aws-v6.83.0.lock.
		found, err := semver.Parse(strings.TrimPrefix(filepath.Base(folder), prefix))
		info, statErr := os.Stat(filepath.Join(folder, "pulumi-resource-"+provider))
		if err != nil || statErr != nil || info.IsDir() {
			continue
		}
		if newest == "" || found.GT(version) {
			newest, version = folder, found
		}
	}
	return newest, nil
}

// HasLanguageHost says whether Pulumi would find a language host for Go by itself: beside the CLI,
// where a full installation has it, or on PATH.
func HasLanguageHost(cli *CLI) bool {
	if _, err := exec.LookPath("pulumi-language-go"); err == nil {
		return true
	}
	path, err := filepath.EvalSymlinks(cli.Path)
	if err != nil {
		return false
	}
	_, err = os.Stat(filepath.Join(filepath.Dir(path), "pulumi-language-go"))
	return err == nil
}
