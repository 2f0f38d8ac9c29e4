package promote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/stackfile"
)

// architectures are what images call what ECS calls otherwise.
var architectures = map[string]string{"X86_64": "amd64", "ARM64": "arm64"}

// pushed is an image as its repository has it.
type pushed struct {
	Manifest  string `json:"imageManifest"`
	MediaType string `json:"imageManifestMediaType"`
}

// repository is the name of a service's repository.
func (p *promotion) repository(known *outputs, service string) (string, error) {
	url := known.RepositoryURLs[service]
	_, repository, found := strings.Cut(url, "/")
	if !found {
		return "", fmt.Errorf("read the outputs of %s: repositoryUrls has %q for service %q, want the address of a "+
			"repository", p.stack, url, service)
	}
	return repository, nil
}

// missingError says that a repository lacks an image.
type missingError struct{ repository, digest string }

func (e *missingError) Error() string {
	return fmt.Sprintf("look for %s in repository %s: it is not there; it was pushed to another stack's repository, "+
		"or has expired: push it again with the application's workflow", e.digest, e.repository)
}

// image reads an image's manifest. A digest that the repository lacks is an error of its own.
func (p *promotion) image(ctx context.Context, repository, digest string) (*pushed, error) {
	var read struct {
		Images   []pushed `json:"images"`
		Failures []struct {
			Code   string `json:"failureCode"`
			Reason string `json:"failureReason"`
		} `json:"failures"`
	}
	if err := p.Read(ctx, &read, "aws", "ecr", "batch-get-image", "--repository-name", repository, "--image-ids",
		"imageDigest="+digest,
		"--output", "json"); err != nil {
		return nil, err
	}
	switch {
	case len(read.Images) == 1:
		return &read.Images[0], nil
	case len(read.Failures) == 1 && read.Failures[0].Code == "ImageNotFound":
		return nil, command.Exit(exitMissing, &missingError{repository, digest})
	default:
		return nil, fmt.Errorf("read the manifest of %s in repository %s: found %d images (%v), want one", digest,
			repository,
			len(read.Images), read.Failures)
	}
}

// inspect looks at the images of a release before anything is committed: that they are there, and
// that they are built for what their services run on. Others do not start, which ECS notices only
// after minutes.
func (p *promotion) inspect(ctx context.Context, known *outputs, stackFile string) error {
	for _, service := range sortedKeys(p.images) {
		repository, err := p.repository(known, service)
		if err != nil {
			return err
		}
		image, err := p.image(ctx, repository, p.images[service])
		if err != nil {
			return err
		}
		runsOn, err := stackfile.Architecture(stackFile, service)
		if err != nil {
			return err
		}
		want, ok := architectures[runsOn]
		if !ok {
			return fmt.Errorf("read the architecture of service %q: found %q, want one of %v", service, runsOn,
				sortedKeys(architectures))
		}
		built, err := p.builtFor(ctx, repository, image)
		if err != nil {
			return fmt.Errorf("look at the image of service %q: %w", service, err)
		}
		if !slices.Contains(built, want) {
			return command.Exit(exitArchitecture,
				fmt.Errorf("look at the image of service %q: %s is built for %s, and the service runs on %s: "+
					"build it with --platform linux/%s, or change services.%s.architecture", service,
					p.images[service], strings.Join(built, ", "),
					runsOn, want, service))
		}
	}
	return nil
}

// builtFor are the architectures of an image: those of the manifests of an index, or that of its
// configuration.
func (p *promotion) builtFor(ctx context.Context, repository string, image *pushed) ([]string, error) {
	var manifest struct {
		Manifests []struct {
			Platform struct {
				Architecture string `json:"architecture"`
			} `json:"platform"`
		} `json:"manifests"`
		Config struct {
			Digest string `json:"digest"`
		} `json:"config"`
	}
	if err := json.Unmarshal([]byte(image.Manifest), &manifest); err != nil {
		return nil, fmt.Errorf("read its manifest: %w", err)
	}
	var built []string
	for _, one := range manifest.Manifests {
		if one.Platform.Architecture != "unknown" { // attestations, which say how it was built
			built = append(built, one.Platform.Architecture)
		}
	}
	if len(built) > 0 {
		return built, nil
	}
	var layer struct {
		URL string `json:"downloadUrl"`
	}
	if err := p.Read(ctx, &layer, "aws", "ecr", "get-download-url-for-layer", "--repository-name", repository,
		"--layer-digest", manifest.Config.Digest, "--output", "json"); err != nil {
		return nil, err
	}
	var config struct {
		Architecture string `json:"architecture"`
	}
	if err := fetch(ctx, layer.URL, &config); err != nil {
		return nil, fmt.Errorf("read its configuration %s: %w", manifest.Config.Digest, err)
	}
	return []string{config.Architecture}, nil
}

// fetch reads JSON from an address that is a secret for as long as it is valid.
func fetch(ctx context.Context, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("the address is not valid")
	}
	response, err := (&http.Client{Timeout: answerTimeout}).Do(request)
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err // without the address
	}
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("found status %d, want 200", response.StatusCode)
	}
	return json.NewDecoder(response.Body).Decode(into)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
