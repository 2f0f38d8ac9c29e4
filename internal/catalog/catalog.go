// Package catalog knows the types of resources that the stacks are made of. A row for each says
// what it costs, what is lost with a resource of it, how one is found that no state has, and where
// it stands in the picture. It is the one place where a type's token is written: the estimate, the
// guard, the controls, the picture and the search for orphans go by it. It imports no provider's
// SDK.
//
// To add a type, write its row in the file of its area. The row needs a constant when code asks for
// the type by name, and a Priced one a pricer in internal/cost/types.go.
package catalog

import (
	"regexp"
	"slices"
)

// Row is what is known of a type of resource. Exactly one of Free, Priced and Unpriced is set.
type Row struct {
	Type string // Pulumi's token, such as "aws:rds/cluster:Cluster"

	// Free is the reason why a resource costs nothing itself.
	Free string
	// Priced says that internal/cost has a pricer for the type.
	Priced bool
	// Unpriced is the reason why the cost is not known. The estimate of a stack with such a
	// resource is refused.
	Unpriced string

	// Lost is what is lost when a resource is replaced or deleted: data, service for some time, or
	// what others know it by. Empty: nothing else is lost, so the guard allows it.
	Lost string
	// FixedName is the input with the name, where something is lost only because the program chose
	// the name: Pulumi replaces such a resource by deleting it first. Empty: Lost always holds.
	FixedName string
	// HoldsData says that what is found outside of every state is imported and not deleted, since
	// it may not be empty.
	HoldsData bool
	// Rotates says that resources come and go with equal inputs when a secret is rotated, which is
	// no change of a URN.
	Rotates bool

	// ARN is how a resource is recognized by its ARN, for a type that AWS's Tagging API lists. The
	// zero ARN: one that no state has is found by the next deploy, which says that its name is
	// taken, or is not found.
	ARN ARN

	// Drawn takes a resource out of its component's box in the picture.
	Drawn Place
}

// Place is where a resource stands in the picture.
type Place int

// The places. Zero is the box of the component that a resource belongs to.
const (
	WithComponent Place = iota
	WithCloudWatch
	WithNATGateways
	WithEndpoints
	WithTier // the frame of the tier that a subnet belongs to
)

// Reasons that several rows share.
const (
	partOfAnother   = "part of a resource that is priced itself"
	inThePlan       = "included in the plan of the service"
	access          = "IAM and policies cost nothing"
	routing         = "routing and security groups cost nothing"
	loggedElsewhere = "its log group is priced"
	scaling         = "scaling is free; what runs is priced with the service"
	ownEvents       = "events of AWS's own services are free"
	anomalies       = "cost anomaly detection is free"
	glueCatalog     = "the first million objects of the catalog are free"
	dnssec          = "DNSSEC is free; its key is priced with KMS"
	inTheState      = "generated in the state, in no cloud"
	notMade         = "no stack makes one; the guard watches it in case one does"
)

var rows = slices.Concat(edgeRows, networkRows, computeRows, dataRows, watchRows, accessRows, externalRows)

var byType = func() map[string]Row {
	all := map[string]Row{}
	for _, row := range rows {
		all[row.Type] = row
	}
	return all
}()

// Rows are all rows, by area.
func Rows() []Row { return slices.Clone(rows) }

// Find is the row of a type, and false for a type without one.
func Find(typ string) (Row, bool) {
	row, ok := byType[typ]
	return row, ok
}

// ByARN is the row of what an ARN stands for, with the id that `pulumi import` takes, and false
// where no row's pattern matches.
func ByARN(arn string) (row Row, importID string, ok bool) {
	for _, row := range rows {
		if row.ARN.pattern == nil {
			continue
		}
		if match := row.ARN.pattern.FindStringSubmatch(arn); match != nil {
			return row, row.ARN.importID(match), true
		}
	}
	return Row{}, "", false
}

// ARN says which ARNs a type has and which id `pulumi import` takes for one.
type ARN struct {
	pattern  *regexp.Regexp
	importID func(match []string) string
}

// arnOf is for a service of AWS and a pattern of the ARN's last field, whose first group is the id.
func arnOf(service, resource string) ARN {
	pattern := regexp.MustCompile(`^arn:aws:` + service + `:([^:]*):([^:]*):` + resource + `$`)
	return ARN{pattern, func(match []string) string { return match[3] }}
}

// wholeARN is for a type whose id is the ARN.
func wholeARN(service, resource string) ARN {
	return arnOf(service, resource).by(func(match []string) string { return match[0] })
}

// by has an id of its own: match is the ARN, its region, its account and the groups of the pattern.
func (a ARN) by(importID func(match []string) string) ARN {
	a.importID = importID
	return a
}

// wafID is ID/NAME/SCOPE.
func wafID(match []string) string {
	scope := "REGIONAL"
	if match[3] == "global" {
		scope = "CLOUDFRONT"
	}
	return match[5] + "/" + match[4] + "/" + scope
}
