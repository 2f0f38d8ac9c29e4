package run

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/rehearsal/internal/engine"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/aws"
)

// The versions of the images that a rehearsal pushes: those that a stack comes up with, and those
// after them.
const firstRelease, secondRelease = "a1b2c3d", "e4f5a6b"

// settings are the parts of a stack file that decide how a stack first comes up.
type settings struct {
	region    string
	recovery  string   // the region of the backups' copies; empty for none
	zone      string   // the hosted zone's domain
	delegated bool     // the zone is delegated; the first deploy starts without that
	services  []string // those that wait for an image, or came up with the rehearsal's if the stack is kept
	jobs      aws.Jobs // none where `make bootstrap` makes no identity provider
}

// settings reads the stack file's copy. A project without services has none to release.
func (r *Rehearsal) settings() (settings, error) {
	var file struct {
		Config map[string]yaml.Node `yaml:"config"`
	}
	if err := yaml.Unmarshal(r.Work.Files.StackYAML, &file); err != nil {
		return settings{}, fmt.Errorf("read the stack file of %s: %w", r.Stack, err)
	}
	var where struct {
		Region string `yaml:"region"`
	}
	var edge struct {
		Zone struct {
			Name      string `yaml:"name"`
			Delegated bool   `yaml:"delegated"`
		} `yaml:"zone"`
	}
	var services map[string]struct {
		Image   string `yaml:"image"`
		Version string `yaml:"version"`
	}
	var delivery deliverySection
	var backups struct {
		Copy struct {
			Region string `yaml:"region"`
		} `yaml:"copy"`
	}
	for section, into := range map[string]any{
		"aws": &where, "backups": &backups, "delivery": &delivery, "edge": &edge, "services": &services,
	} {
		node, ok := file.Config[r.key(section)]
		if !ok {
			continue
		}
		if err := node.Decode(into); err != nil {
			return settings{}, fmt.Errorf("read section %s of the stack file of %s: %w", section, r.Stack, err)
		}
	}
	s := settings{
		region:    where.Region,
		recovery:  backups.Copy.Region,
		zone:      edge.Zone.Name,
		delegated: edge.Zone.Delegated,
		jobs:      delivery.jobs(),
	}
	for _, name := range slices.Sorted(maps.Keys(services)) {
		one := services[name]
		if one.Image == "" || r.Kept && one.Version == firstRelease {
			s.services = append(s.services, name)
		}
	}
	return s, nil
}

// Region is where the stack lives.
func (r *Rehearsal) Region() (string, error) {
	s, err := r.settings()
	return s.region, err
}

func (r *Rehearsal) key(name string) string { return r.Work.Files.Project + ":" + name }

// Set changes one value of the stack's configuration, such as "edge.zone.delegated".
func (r *Rehearsal) Set(ctx context.Context, path, value string) error {
	if err := r.Engine.Command(ctx, "config", "set", "--path", r.key(path), value); err != nil {
		return fmt.Errorf("set %s of %s: %w", path, r.Stack, err)
	}
	return nil
}

// ComeUp creates the stack as a new one comes up: the zone alone, since no certificate can be
// issued before the registrar points at it; then everything but the services, whose repositories
// are empty; then, with images pushed, the services.
func (r *Rehearsal) ComeUp(ctx context.Context) error {
	return r.ComeUpWith(ctx, func(name, heading string) error {
		_, err := r.Up(ctx, name, heading)
		return err
	})
}

// ComeUpWith is ComeUp with another way to deploy. up is called for each step, with the name of its
// log and its heading.
func (r *Rehearsal) ComeUpWith(ctx context.Context, up func(name, heading string) error) error {
	s, err := r.settings()
	if err != nil {
		return err
	}
	if s.delegated {
		if err := r.Set(ctx, "edge.zone.delegated", "false"); err != nil {
			return err
		}
		if err := up("up, zone alone", "Up: the zone, which the registrar does not point at yet"); err != nil {
			return err
		}
		if err := r.delegate(ctx, s.zone); err != nil {
			return err
		}
		if err := r.Set(ctx, "edge.zone.delegated", "true"); err != nil {
			return err
		}
	}
	if err := up("up", "Up: create it in the model's cloud"); err != nil {
		return err
	}
	if len(s.services) == 0 {
		return nil
	}
	if err := r.push(ctx, s, firstRelease); err != nil {
		return err
	}
	return up("up, services", "Up: the services, whose images have been pushed")
}

// delegate points the registrar at the zone's name servers, which the stack's outputs tell. No
// certificate is issued before.
func (r *Rehearsal) delegate(ctx context.Context, zone string) error {
	raw, err := r.Engine.Output(ctx, "stack", "output", "nameServers", "--json")
	if err != nil {
		return fmt.Errorf("read the name servers of %s: %w", r.Stack, err)
	}
	var servers []string
	if err := json.Unmarshal(raw, &servers); err != nil {
		return fmt.Errorf("read the name servers of %s: %w", r.Stack, err)
	}
	c, err := r.Cloud()
	if err != nil {
		return err
	}
	if err := aws.Delegate(c, zone, servers); err != nil {
		return err
	}
	r.Console.Line("The registrar points %s at %s", zone, strings.Join(servers, ", "))
	return nil
}

// Up runs `pulumi up` under a heading. name names its log.
func (r *Rehearsal) Up(ctx context.Context, name, heading string) (*engine.Result, error) {
	return r.Step(ctx, name, heading, "up", "--yes", "--skip-preview")
}

// push puts an image of each service into the model's registry and names it in the stack's
// configuration, as a release does.
func (r *Rehearsal) push(ctx context.Context, s settings, version string) error {
	c, err := r.Cloud()
	if err != nil {
		return err
	}
	if err := r.mayPush(ctx, c, s); err != nil {
		return err
	}
	images := map[string]string{}
	for _, service := range s.services {
		repository := r.Repository(service)
		digest, err := aws.Push(c, r.Work.Files.Account, s.region, repository, version)
		if err != nil {
			return fmt.Errorf("release %s of %s: %w", service, r.Stack, err)
		}
		r.Console.Line("Pushed %s:%s, %s", repository, version, digest)
		images[service] = digest
	}
	return r.name(ctx, images, version)
}

// name puts the images of the services, by digest, into the stack's configuration. It is one call
// of the CLI, however many there are.
func (r *Rehearsal) name(ctx context.Context, images map[string]string, version string) error {
	if len(images) == 0 {
		return nil
	}
	args := []string{"config", "set-all", "--path"}
	for _, service := range slices.Sorted(maps.Keys(images)) {
		for key, value := range map[string]string{"image": images[service], "version": version} {
			args = append(args, "--plaintext", r.key("services."+service+"."+key)+"="+value)
		}
	}
	if err := r.Engine.Command(ctx, args...); err != nil {
		return fmt.Errorf("name the images of %s in its configuration: %w", r.Stack, err)
	}
	return nil
}

// released are the types that a new image may change: a schedule starts the revision that its
// service runs. A release that touches anything else is no release.
var released = []string{catalog.TaskDefinition, catalog.ECSService, catalog.Schedule}

// releaseTargets are what `infra promote release` deploys, as patterns of URNs behind the project's
// name: task definitions, services, what schedules start of them, and the migration's task.
var releaseTargets = []string{
	"compute:Migration$aws:ecs/taskDefinition:TaskDefinition::*",
	"compute:Service$aws:ecs/taskDefinition:TaskDefinition::*",
	"compute:Service$aws:ecs/service:Service::*",
	"compute:Service$aws:scheduler/schedule:Schedule::*",
}

// nextRelease deploys other images as a promotion does, with targets, and checks that only task
// definitions and services change, that the stack's outputs tell of the new tasks, and that nothing
// is left to deploy.
func (r *Rehearsal) nextRelease(ctx context.Context) error {
	s, err := r.settings()
	if err != nil || len(s.services) == 0 {
		return err
	}
	before, err := r.taskDefinitions(ctx)
	if err != nil {
		return err
	}
	if err := r.push(ctx, s, secondRelease); err != nil {
		return err
	}
	if err := r.judge(ctx, "guard", "Guard: what the next release would lose"); err != nil {
		return err
	}
	up := []string{"up", "--yes", "--skip-preview"}
	for _, pattern := range releaseTargets {
		up = append(up, "--target", "urn:pulumi:"+r.Stack+"::"+r.Work.Files.Project+"::"+r.key(pattern))
	}
	result, err := r.Step(ctx, "next release", "Up: the next release, with the targets of a promotion", up...)
	if err != nil {
		return err
	}
	var others []string
	for _, change := range result.Changes {
		component := strings.HasPrefix(change.Type, r.Work.Files.Project+":") ||
			strings.HasPrefix(change.Type, "pulumi:")
		if !component && !slices.Contains(released, change.Type) {
			others = append(others, change.Op+" "+change.URN)
		}
	}
	if len(others) > 0 {
		return fmt.Errorf("release to %s: a new image may change task definitions, services and schedules "+
			"alone, this one also changed:\n   %s", r.Stack, strings.Join(others, "\n   "))
	}
	after, err := r.taskDefinitions(ctx)
	if err != nil {
		return err
	}
	for _, service := range s.services {
		if after[service] == "" || after[service] == before[service] {
			return fmt.Errorf("release to %s: the output taskDefinitionArns has %q for %s, as before: the promotion "+
				"would wait for the old tasks",
				r.Stack, after[service], service)
		}
	}
	return r.NothingLeft(ctx, "after the release", "Preview: nothing is left of the release")
}

// taskDefinitions are the revisions that the stack's outputs tell of, by service.
func (r *Rehearsal) taskDefinitions(ctx context.Context) (map[string]string, error) {
	raw, err := r.Engine.Output(ctx, "stack", "output", "taskDefinitionArns", "--json")
	if err != nil {
		return nil, fmt.Errorf("read the task definitions of %s: %w", r.Stack, err)
	}
	var known map[string]string
	if err := json.Unmarshal(raw, &known); err != nil {
		return nil, fmt.Errorf("read the task definitions of %s: %w", r.Stack, err)
	}
	return known, nil
}

// NameImages names an image for each service without pushing one: a preview does not look for it.
func (r *Rehearsal) NameImages(ctx context.Context) error {
	s, err := r.settings()
	if err != nil {
		return err
	}
	images := map[string]string{}
	for _, service := range s.services {
		images[service] = "sha256:" + strings.Repeat("0", 64)
	}
	return r.name(ctx, images, firstRelease)
}

// MigrationTargets are the flags of `pulumi up` with which scripts/deploy deploys the database and
// what migrates it, before everything else: those of internal/promote.
func (r *Rehearsal) MigrationTargets() []string {
	var targets []string
	for _, resources := range []string{
		"compute:Migration$**", "data:AuroraCluster$**",
		"data:Parameters$aws:ssm/parameter:Parameter::parameters-MASTER_DATABASE_URL",
		"data:Parameters$aws:ssm/parameter:Parameter::parameters-MIGRATION_*",
	} {
		targets = append(targets, "--target",
			"urn:pulumi:"+r.Stack+"::"+r.Work.Files.Project+"::"+r.Work.Files.Project+":"+resources)
	}
	return targets
}
