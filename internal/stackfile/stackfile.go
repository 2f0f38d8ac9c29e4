// Package stackfile reads and writes what a release changes in a stack file: the image of each
// service, and its version. It also reads what commands ask of a stack file.
package stackfile

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// The sections that are read.
const (
	servicesKey = "bookmark-manager:services"
	edgeKey     = "bookmark-manager:edge"
	sentryKey   = "bookmark-manager:sentry"
)

// SetRelease writes a release into the text of a stack file: the digest of each service's image,
// and the version beside it. Only those lines change, so comments and layout stay as they are, and
// the diff of the commit is the release.
func SetRelease(text string, images map[string]string, version string) (string, error) {
	for _, service := range slices.Sorted(maps.Keys(images)) {
		for _, one := range []struct{ key, value string }{{"version", version}, {"image", images[service]}} {
			var err error
			if text, err = setValue(text, service, one.key, one.value); err != nil {
				return "", err
			}
		}
	}
	return text, nil
}

// Migrates says whether a service of the stack has a migration task, and an image to run it.
func Migrates(text string) (bool, error) {
	all, err := services(text)
	if err != nil {
		return false, err
	}
	for i := 1; i < len(all.Content); i += 2 {
		_, task := Entry(all.Content[i], "migration")
		image, _ := Entry(all.Content[i], "image")
		if task && image != nil && image.Value != "" {
			return true, nil
		}
	}
	return false, nil
}

// Image is an image that a stack file names: a digest, and what it was built from.
type Image struct {
	Service, Digest, Version string
	Canary                   bool
}

// Images lists the images of a stack file, in the order of its services, those of canaries too.
func Images(text string) ([]Image, error) {
	all, err := services(text)
	if err != nil {
		return nil, err
	}
	var found []Image
	for i := 0; i+1 < len(all.Content); i += 2 {
		canary, _ := Entry(all.Content[i+1], "canary")
		for _, settings := range []*yaml.Node{all.Content[i+1], canary} {
			image, _ := Entry(settings, "image")
			version, _ := Entry(settings, "version")
			if image == nil || image.Value == "" {
				continue
			}
			if version == nil || version.Value == "" {
				return nil, fmt.Errorf("read the stack file: service %q has an image without a version",
					all.Content[i].Value)
			}
			found = append(found, Image{all.Content[i].Value, image.Value, version.Value, settings == canary})
		}
	}
	return found, nil
}

// Architecture is what a service runs on, such as X86_64.
func Architecture(text, service string) (string, error) {
	all, err := services(text)
	if err != nil {
		return "", err
	}
	settings, ok := Entry(all, service)
	if !ok {
		return "", fmt.Errorf("find service %q: it is not in %s", service, servicesKey)
	}
	architecture, ok := Entry(settings, "architecture")
	if !ok {
		return "", fmt.Errorf("read the architecture of service %q: the stack file has none", service)
	}
	return architecture.Value, nil
}

// StaticFromAssets says whether CloudFront takes the files under a path, such as /_next/static/,
// from the assets bucket.
func StaticFromAssets(text, path string) (bool, error) {
	config, err := configOf(text)
	if err != nil {
		return false, err
	}
	at := config
	for _, key := range []string{edgeKey, "distribution", "static"} {
		next, ok := Entry(at, key)
		if !ok {
			return false, nil
		}
		at = next
	}
	for i := 0; i+1 < len(at.Content); i += 2 {
		folder, wild := strings.CutSuffix(at.Content[i].Value, "*")
		if wild && strings.HasPrefix(path, folder) && at.Content[i+1].Value == "assets" {
			return true, nil
		}
	}
	return false, nil
}

// Platform is the platform of a service's project in Sentry.
type Platform struct{ Service, Platform string }

// Platforms are those that a stack file sets, by service.
func Platforms(text string) ([]Platform, error) {
	config, err := configOf(text)
	if err != nil {
		return nil, err
	}
	sentry, _ := Entry(config, sentryKey)
	platforms, ok := Entry(sentry, "platforms")
	if !ok {
		return nil, nil
	}
	var all []Platform
	wrong := fmt.Errorf("read %s.platforms: want a platform by service", sentryKey)
	if platforms.Kind != yaml.MappingNode {
		return nil, wrong
	}
	for i := 0; i+1 < len(platforms.Content); i += 2 {
		if platforms.Content[i+1].Kind != yaml.ScalarNode {
			return nil, wrong
		}
		all = append(all, Platform{platforms.Content[i].Value, platforms.Content[i+1].Value})
	}
	return all, nil
}

// WithoutRelease is a stack file without what a release writes: two files that differ by a release
// alone are the same without it.
func WithoutRelease(text string) (string, error) {
	all, err := services(text)
	if err != nil {
		return "", err
	}
	lines := strings.Split(text, "\n")
	drop := map[int]bool{}
	for i := 1; i < len(all.Content); i += 2 {
		settings := all.Content[i]
		if settings.Kind != yaml.MappingNode || settings.Style&yaml.FlowStyle != 0 {
			continue
		}
		for j := 0; j+1 < len(settings.Content); j += 2 {
			key, value := settings.Content[j], settings.Content[j+1]
			if (key.Value == "image" || key.Value == "version") && value.Kind == yaml.ScalarNode &&
				value.Line == key.Line {
				drop[key.Line-1] = true
			}
		}
	}
	var kept []string
	for i, line := range lines {
		if !drop[i] {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n"), nil
}

// RestoreRelease takes a release of some services back: their images and versions are as in the
// file before, line for line, and everything else is as it is now, whatever has changed in between.
func RestoreRelease(text, before string, names []string) (string, error) {
	for _, service := range names {
		for _, key := range []string{"image", "version"} {
			now, err := lineOf(text, service, key)
			if err != nil {
				return "", err
			}
			then, err := lineOf(before, service, key)
			if err != nil {
				return "", err
			}
			lines := strings.Split(text, "\n")
			switch {
			case now < 0 && then < 0:
				continue
			case now < 0:
				return "", fmt.Errorf("restore %s of service %q: the file has none any more; write it by hand", key,
					service)
			case then < 0:
				lines = slices.Delete(lines, now, now+1)
			default:
				lines[now] = strings.Split(before, "\n")[then]
			}
			text = strings.Join(lines, "\n")
		}
	}
	return text, nil
}

// lineOf is the line, from 0, of a service's setting; -1 without it.
func lineOf(text, service, key string) (int, error) {
	all, err := services(text)
	if err != nil {
		return 0, err
	}
	settings, ok := Entry(all, service)
	if !ok {
		return 0, fmt.Errorf("find service %q: it is not in %s", service, servicesKey)
	}
	value, ok := Entry(settings, key)
	if !ok {
		return -1, nil
	}
	return value.Line - 1, nil
}

func setValue(text, service, key, value string) (string, error) {
	all, err := services(text)
	if err != nil {
		return "", err
	}
	settings, ok := Entry(all, service)
	if !ok {
		return "", fmt.Errorf("find service %q: it is not in %s", service, servicesKey)
	}
	if settings.Kind != yaml.MappingNode || settings.Style&yaml.FlowStyle != 0 || len(settings.Content) == 0 {
		return "", fmt.Errorf("write %s of service %q: its settings are not one on each line; write them so", key,
			service)
	}
	lines := strings.Split(text, "\n")
	if old, found := Entry(settings, key); found {
		err = replace(lines, old, strconv.Quote(value))
	} else {
		first := settings.Content[0]
		added := strings.Repeat(" ", first.Column-1) + key + ": " + strconv.Quote(value)
		lines = slices.Insert(lines, first.Line-1, added)
	}
	if err != nil {
		return "", fmt.Errorf("write %s of service %q: %w", key, service, err)
	}
	changed := strings.Join(lines, "\n")
	return changed, verify(changed, service, key, value)
}

// replace puts a value in the place of a scalar that is on one line.
func replace(lines []string, old *yaml.Node, value string) error {
	line := lines[old.Line-1]
	if old.Column > len(line) || old.Kind != yaml.ScalarNode {
		return errors.New("the value there is not on the key's line; write it so")
	}
	rest := line[old.Column-1:]
	end := len(old.Value)
	if quote := rest[0]; quote == '"' || quote == '\'' {
		end = strings.IndexByte(rest[1:], quote) + 2
	}
	if end < 1 || end > len(rest) {
		return errors.New("the value there is not on one line; write it so")
	}
	lines[old.Line-1] = line[:old.Column-1] + value + rest[end:]
	return nil
}

// verify reads the changed file back: an edit of text must never leave a file that says something
// else.
func verify(text, service, key, value string) error {
	all, err := services(text)
	if err != nil {
		return err
	}
	settings, _ := Entry(all, service)
	if got, ok := Entry(settings, key); !ok || got.Value != value {
		return fmt.Errorf("write %s of service %q: the file would not say so afterwards; write it by hand", key,
			service)
	}
	return nil
}

// services is the mapping of the stack's services.
func services(text string) (*yaml.Node, error) {
	config, err := configOf(text)
	if err != nil {
		return nil, err
	}
	if all, ok := Entry(config, servicesKey); ok && all.Kind == yaml.MappingNode {
		return all, nil
	}
	return nil, fmt.Errorf("read the stack file: it has no config with %s", servicesKey)
}

// configOf is the stack's configuration; nil when the file has none.
func configOf(text string) (*yaml.Node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		return nil, fmt.Errorf("read the stack file: %w", err)
	}
	if len(document.Content) == 0 {
		return nil, nil
	}
	config, _ := Entry(document.Content[0], "config")
	return config, nil
}

// Entry is the value of a mapping's key, and whether the mapping has the key. Something else than a
// mapping has none.
func Entry(mapping *yaml.Node, key string) (*yaml.Node, bool) {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil, false
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1], true
		}
	}
	return nil, false
}
