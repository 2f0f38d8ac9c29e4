package recovery

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/delivery/foundation"
	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/names"
)

// file writes the file of the stack that takes over.
func (r *run) file() error {
	if !environmentForm.MatchString(r.to) || r.to == string(r.from.Config.Environment) {
		return command.Wrong("read the flag --to: found %q, want 2 to 10 lower-case letters and digits, such as "+
			"recovery, and not %q, "+
			"the environment of the stack", r.to, r.from.Config.Environment)
	}
	path := pathOf(r.to)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write %s: it is there already; give the stack another name with --to, or delete it if no "+
			"stack has it", path)
	}
	found, err := r.check()
	if err != nil {
		return err
	}
	to, err := r.place(found)
	if err != nil {
		return err
	}
	raw, err := r.from.rewrite(*to)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	r.say("%s: in %s, with the database as of %s ago (%s)", path, to.region, r.age(found), found.snapshot)
	return nil
}

// place finds out where the new stack comes up: the zones there, and what is in front of it.
func (r *run) place(found *point) (*place, error) {
	to := &place{
		environment:      r.to,
		region:           r.from.recovery,
		snapshot:         found.snapshot,
		engineVersion:    found.engineVersion,
		secretsProvider:  foundation.SecretsProvider(r.from.recovery),
		frontEnvironment: r.from.Config.Environment,
	}
	if err := r.aws(&to.zones, to.region, "ec2", "describe-availability-zones",
		"--filters", "Name=opt-in-status,Values=opt-in-not-required", "Name=state,Values=available",
		"--query", "AvailabilityZones[].ZoneName"); err != nil {
		return nil, fmt.Errorf("list the zones of %s: %w", to.region, err)
	}
	slices.Sort(to.zones)
	if want := len(r.from.Config.Network.Zones); len(to.zones) < want {
		return nil, fmt.Errorf("%s has the zones %v, and the stack has %d: take zones out of %s by hand", to.region,
			to.zones, want, pathOf(r.from.stack))
	}
	var err error
	if to.distribution, err = r.distribution(); err != nil {
		return nil, err
	}
	to.hostedZone, err = r.hostedZone()
	return to, err
}

// distribution is the id of the one that has the site's name.
func (r *run) distribution() (string, error) {
	var all []struct {
		ID      string   `json:"id"`
		Aliases []string `json:"aliases"`
	}
	if err := r.aws(&all, names.UsEast1, "cloudfront", "list-distributions",
		"--query", "DistributionList.Items[].{id: Id, aliases: Aliases.Items}"); err != nil {
		return "", fmt.Errorf("list the distributions: %w", err)
	}
	www := "www." + r.from.Config.Edge.Domain
	for _, one := range all {
		if slices.Contains(one.Aliases, www) {
			return one.ID, nil
		}
	}
	return "", fmt.Errorf("find the distribution of %s: none of the account's %d has that name", www, len(all))
}

// hostedZone is the id of the zone that the site's names are in.
func (r *run) hostedZone() (string, error) {
	zone := r.from.Config.Edge.Zone
	if zone.ID != "" {
		return zone.ID, nil
	}
	var found []struct{ ID, Name string }
	if err := r.aws(&found, names.UsEast1, "route53", "list-hosted-zones-by-name", "--dns-name", zone.Name,
		"--max-items", "1",
		"--query", "HostedZones[].{ID: Id, Name: Name}"); err != nil {
		return "", fmt.Errorf("find the hosted zone %s: %w", zone.Name, err)
	}
	if len(found) != 1 || strings.TrimSuffix(found[0].Name, ".") != zone.Name {
		return "", fmt.Errorf("find the hosted zone %s: the account has none of that name", zone.Name)
	}
	return strings.TrimPrefix(found[0].ID, "/hostedzone/"), nil
}

// distributionOfStandby is the one that the stack stands behind.
func (r *run) distributionOfStandby() (string, error) {
	if id := r.from.Config.Edge.Standby.DistributionID; id != "" {
		return id, nil
	}
	return "", fmt.Errorf("%s: %s:edge.standby.distributionId is missing: the stack is no standby",
		pathOf(r.from.stack), names.Project)
}

// secret sets the header that the distribution sends in the standby's configuration. It never is
// among the arguments of a command.
func (r *run) secret() error {
	distribution, err := r.distributionOfStandby()
	if err != nil {
		return err
	}
	var origins []struct {
		CustomHeaders struct {
			Items []struct{ HeaderName, HeaderValue string }
		}
	}
	if err := r.aws(&origins, names.UsEast1, "cloudfront", "get-distribution-config", "--id", distribution,
		"--query", "DistributionConfig.Origins.Items"); err != nil {
		return fmt.Errorf("read the origins of distribution %s: %w", distribution, err)
	}
	for _, origin := range origins {
		for _, header := range origin.CustomHeaders.Items {
			if header.HeaderName == names.OriginHeader {
				return r.tools.Feed(r.command.Context(), header.HeaderValue, "pulumi", "config", "set", "--secret",
					names.Project+":originSecret", "--stack", r.from.stack)
			}
		}
	}
	return fmt.Errorf("find the origin's secret: no origin of distribution %s has the header %s", distribution,
		names.OriginHeader)
}
