package verdicts

import (
	"fmt"
	"strings"
)

const introduction = `# The model and the real provider

The rehearsal deploys against a model of AWS. The model must refuse what AWS refuses: this page puts it beside the real AWS provider, program by program.
Each program has one mistake that AWS refuses, and the page is written from what was said of it (` +
	"`make verdicts UPDATE=1`" + `), not by hand. Without its
mistake, every program is taken by both, so that it is the mistake which is refused.

    make verdicts             # ask the model, and the AWS plugin where it is installed; fail on any verdict that is new
    make verdicts UPDATE=1    # record the verdicts and write this page

- **Model, preview** and **provider, preview** are the answers to what Pulumi's engine asks a provider in a preview: check the inputs, then create
  without creating. What other resources of the program compute is unknown then, as on a new stack. The provider is the AWS plugin on the PATH or in
  Pulumi's plugin folder; it is asked without an account. Where it is not installed, its recorded answers stand for it.
- **Applies only** means that the provider's preview takes the program and AWS refuses it in the up, as the linked page of AWS's documentation says.
  The provider's own up cannot be asked: it needs an account.
- **Model, up** is the model's answer when the program is really deployed to its cloud.

Beside these programs the plugin is asked, of every string and number of every resource type, which values it takes: it is given one that cannot be
right, and its refusal names the right ones. The model refuses the same (` +
	"`rehearsal/model/schema/aws-values.json`" + `), and what AWS's documentation closes
where the plugin takes anything (` + "`rehearsal/model/schema/aws-documented.json`" +
	`, each with its page). A test walks the SDK's documentation of every type that a stack uses: a property
whose values it names must be among them, with all of these values. ` + "`make verdicts`" +
	` fails when the plugin takes other values than are recorded.

The plugin on the PATH may be newer than the one that belongs to the SDK: a value that AWS added since is then taken here, and refused there. Those that
are known to be so are in ` + "`rehearsal/model/schema/aws-younger.json`" + `, and the model refuses them too.

The model may refuse in the preview what AWS refuses in the up: it knows AWS's rule, and an early refusal costs nobody a half-made stack. It must never
take in the preview what the provider refuses there, nor in the up what AWS refuses; the command and a test fail if it does.

What the table leaves out: order alone (two writes that collide when nothing makes them wait for each other), service-linked roles that a new account lacks,
and the settings of the provider itself, since these are no resources. A certificate whose zone the registrar does not point at is refused by the model in the
up; the rehearsal delegates the zone between its first two ups, as the registrar does.

## In an emulator

Those who trust an emulator of AWS more than a model can deploy there, with the AWS plugin that is installed, to LocalStack, MiniStack or moto:

    make rehearse AWS=installed ENDPOINT=http://127.0.0.1:4566 STACK=staging

The emulator must run already, and the plugin be installed; the workflow ` + "`emulator.yml`" + ` does both like this:

    docker run --rm --publish 4566:4566 ministackorg/ministack:1.5.23
    pulumi plugin install resource aws "$(go list -m -f '{{.Version}}' github.com/pulumi/pulumi-aws/sdk/v6)"

The emulator's STS is asked for its account, which goes into the copy of the stack file: without one the ids of budgets and the ARNs
of Athena's workgroups are malformed. The provider is pointed at it for every service that the program uses, with path-style buckets, two tries and a key of
no account; names below the emulator's host, which the SDK makes of an account for S3 Control, reach it too, and whatever would reach AWS itself is cut off.
The model plays what is not AWS. The stack is previewed, deployed, previewed again and destroyed, and no failure ends that. The summary at the end tells
three things apart:

- **The emulator could not**: it has no such operation, failed itself, answered what the SDK cannot read, or never came to the state that the provider
  waits for. This does not fail the command.
- **The program**: the emulator understood a request and refused it (AWS may take it all the same, and its documentation decides), or a request went past
  the emulator, since its service is missing in ` + "`providers.go`" +
	`. This fails the command, as does a failure whose message tells neither.
- **The second preview** lists what the emulator tells otherwise than it was told: the same preview is empty in the model's cloud.

Seen so far: staging with a plugin older than the SDK's, 6.34, in moto 5.2.1. moto made 180 of 310 resources of AWS. It could not do 52 things: it takes no alarm from this
plugin (27), has no query definitions (8) and cannot delete named queries (5), and lacks parts of CloudFront, Backup, Budgets and Athena, and AWS's own
policies. It refused 3 that the model takes: the query log of the zone, whose log group it does not find, and the logging of two buckets by a policy of the
third. The second preview would change 10, in their tags (5), the rotation of keys (3), the insights and the scaling of the cluster (1) and the budget (1).
Not verified: LocalStack, MiniStack, and the official plugin.

## Who may do what

Every operation of the rehearsal is done by a role, as in real life: the first up by the first role that ` +
	"`make bootstrap`" + ` makes, later ones by
the role of deploys, previews and the report of drift by the role of previews, teardown and destroy by the first role again. ` + "`make rehearse AS=deploy`" + `
has one role do everything. An operation needs every action that the real provider calls for it (` +
	"`rehearsal/model/aws/actions.json`" + `: recorded from
the provider 6.34, and for what was not recorded from its source or AWS's pages, as each entry says), on the resource that AWS asks for; iam:PassRole
for each role that it hands over; and what a service then does with a key in the caller's name. An operation without actions is an error. Not every
entry was checked against the source that it names: those of these services' files were, row by row, in versions of 2023 to
2026, and five rows of them corrected: athena named_query; backup region_settings, restore_testing_plan and restore_testing_selection; ce
anomaly_monitor; cloudtrail trail; ecr repository; events target; guardduty detector; iam openid_connect_provider; kms key; rds
event_subscription; route53 hosted_zone_dnssec and key_signing_key. The others are not verified. Services are asked as well: whether a role trusts who takes it, whether keys, buckets, topics and log groups let in who writes to them, and whether the roles and
the network of a task let it start.

` + "`rehearsal/model/iam`" +
	` decides by IAM's evaluation logic, and refuses in AWS's words with the statement that came closest. A condition key or an
operator that it does not know is an error, and never a match; a stack with such a document is refused when the document is checked. It is written here because no library could be taken: github.com/nsiow/yams, which
simulates IAM in Go, and github.com/micahhausler/aws-iam-policy, which parses policies, are not served by the module mirror of the build;
github.com/liamg/iamgo parses and does not evaluate; github.com/minio/pkg evaluates MinIO's own dialect, without boundaries, grants and the rule that a
key's policy decides first.

` + "`make permissions`" +
	` rehearses a stack and lists for each role what it used, what was granted beside that, and what is wider than what was asked for.
` + "`make permissions ONLY=runs`" +
	` makes the stack from nothing again and again, each time by a first role that lacks one action: one of each service that
it asks. Each run must end with AWS's refusal of that action, and of no other. Before that, the role of deploys tries a teardown and a destroy, and
is refused. Drift, rotations, rollouts and the large changes are deployed by the role of deploys as well, and looked at by that of previews. The first
role takes what that one may not do: the faults, each of whose cycles makes, changes or deletes all resources, the boundary and the delivery roles
among them, and of the large changes the stages that change the boundary's regions or delete a database.

What happens after the deploy is asked where it is wired: whether the topic of an alarm, an event rule or a vault lets the service publish and its key
lets it encrypt, whether Firehose, log subscriptions and flow logs may use the roles that are passed to them, and whether a task may use the buckets that
its role names. Before each command, GitHub's token must let the job take the role, and the role must be able to use Pulumi's state. Before images
are pushed, the token of the application's repository must let the job Release take the push role, and that may do what ` + "`scripts/release`" + ` does.

Not asked, since nothing in a stack's life calls for it: a viewer whose file CloudFront fetches, S3's access logs, and service control policies. What AWS
asks for beyond the calls that were seen is not verified.

`

// Page is docs/model.md.
func Page(table *Table, rows []Row) string {
	var page strings.Builder
	page.WriteString(introduction)
	counts := map[string]int{}
	for _, row := range rows {
		counts[where(row.Preview, "in the up")]++
		counts["provider "+where(row.Provider, "applies only")]++
	}
	fmt.Fprintf(&page,
		"## Verdicts\n\n%d programs. The model refuses %d in the preview and the others in the up; the provider "+
			"refuses %d in the preview.\n\n",
		len(rows), counts["refuses"], counts["provider refuses"])
	page.WriteString("| program | model, preview | provider, preview | model, up |\n| --- | --- | --- | --- |\n")
	for i, row := range rows {
		fmt.Fprintf(&page, "| [%s](%s) | %s | %s | %s |\n", row.Case, table.Cases[i].Source,
			where(row.Preview, "takes"), where(row.Provider, "applies only"), where(row.Up, "takes"))
	}
	page.WriteString("\n## In their words\n")
	for i, row := range rows {
		fmt.Fprintf(&page, "\n%s:\n\n", strings.ToUpper(row.Case[:1])+row.Case[1:])
		if row.Preview == row.Up || row.Preview == "" {
			fmt.Fprintf(&page, "- model: %s\n", quoted(row.Up))
		} else {
			fmt.Fprintf(&page, "- model, preview: %s\n- model, up: %s\n", quoted(row.Preview), quoted(row.Up))
		}
		if row.Provider != "" {
			fmt.Fprintf(&page, "- provider: %s\n", quoted(row.Provider))
		}
		if note := table.Cases[i].Note; note != "" {
			fmt.Fprintf(&page, "- %s\n", note)
		}
	}
	return page.String()
}

func where(v Verdict, taken string) string {
	if v == "" {
		return taken
	}
	return "refuses"
}

func quoted(v Verdict) string { return "`" + strings.ReplaceAll(string(v), "`", "'") + "`" }
