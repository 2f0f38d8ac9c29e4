package recovery

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/bookmark-manager/infrastructure/internal/command"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

const (
	arn     = "arn:aws:rds:ap-northeast-3:111122223333:cluster-snapshot:awsbackup:copyjob-2"
	keyHere = "arn:aws:kms:ap-northeast-3:111122223333:key/1"
)

// awsStandIn answers for the recovery region, and fails like the AWS CLI when the lost one is
// asked.
const awsStandIn = `
case "$*" in *"--region ap-northeast-1"*) [ -n "${HOME_IS_BACK:-}" ] || { echo 'Could not connect to the endpoint URL' >&2; exit 255; } ;; esac
case "$1 $2" in
"kms decrypt") [ -z "${SEALED:-}" ] || { echo "$SEALED" >&2; exit 254; }; cat "${4#fileb://}" >"$SEEN"; echo '"key-1"' ;;
"backup list-backup-vaults") echo "${VAULTS-[\"Default\",\"backups-copy-1\"]}" ;;
"backup list-recovery-points-by-backup-vault")
	case "$4" in
	Default) echo '[]' ;;
	*) cat "$POINTS" ;;
	esac ;;
"rds describe-db-cluster-snapshots")
	case "$*" in
	*EngineVersion*) echo '["17.7"]' ;;
	*) echo "[{\"EngineVersion\":\"17.7\",\"KmsKeyId\":\"${SNAPSHOT_KEY:-` + keyHere +
	`}\",\"Status\":\"available\",\"SnapshotCreateTime\":\"$MADE\"}]" ;;
	esac ;;
"rds describe-db-clusters") echo '["arn:aws:kms:ap-northeast-1:111122223333:key/home"]' ;;
"rds create-db-cluster-snapshot" | "rds copy-db-cluster-snapshot") echo '"creating"' ;;
"ec2 describe-availability-zones") echo "${ZONES-[\"ap-northeast-3c\",\"ap-northeast-3a\",\"ap-northeast-3b\"]}" ;;
"cloudfront list-distributions") echo '[{"id":"E0AAAAAAAAAAAA","aliases":null},{"id":"E2ABCDEFGHIJKL","aliases":["example.com","www.example.com"]}]' ;;
"cloudfront get-distribution-config")
	case "$*" in
	*--query*) ;;
	*) echo "${CONFIG-}"; exit ;;
	esac
	echo '[{"CustomHeaders":{"Quantity":0}},{"CustomHeaders":{"Items":[{"HeaderName":"X-Origin-Verify","HeaderValue":"hush"}]}}]' ;;
"cloudfront update-distribution") cat "${8#file://}" >"$SEEN"; echo '"InProgress"' ;;
"route53 list-hosted-zones-by-name") echo '[{"ID":"/hostedzone/Z0123456789ABCDEFGHIJ","Name":"example.com."}]' ;;
esac`

type world struct {
	t     *testing.T
	calls string
	seen  string
}

// newWorld has the committed production file, as make bootstrap leaves it.
func newWorld(t *testing.T) *world {
	t.Helper()
	folder := t.TempDir()
	w := &world{t, filepath.Join(folder, "calls"), filepath.Join(folder, "seen")}
	raw, err := os.ReadFile(stacktest.Path(t, "Pulumi.prod.yaml"))
	require.NoError(t, err)
	bin, work := filepath.Join(folder, "bin"), filepath.Join(folder, "work")
	require.NoError(t, os.Mkdir(bin, 0o755))
	require.NoError(t, os.Mkdir(work, 0o755))
	for name, body := range map[string]string{
		"aws":    awsStandIn,
		"pulumi": `case "$1 $2" in "stack output") echo bookmark-manager-recovery-assets-1 ;; *) cat >>"$SEEN" ;; esac`,
	} {
		script := "#!/usr/bin/env bash\nset -u\necho \"" + name + " $*\" >>\"$CALLS\"\n" + body + "\n"
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755))
	}
	points := filepath.Join(folder, "points")
	cluster := "arn:aws:rds:ap-northeast-1:111122223333:cluster:bookmark-manager-production-aurora"
	require.NoError(t, os.WriteFile(points, []byte(`[
		{"RecoveryPointArn":"old","ResourceArn":"`+cluster+
		`","Status":"COMPLETED","CreationDate":"2026-01-29T20:10:00Z"},
		{"RecoveryPointArn":"`+arn+`","ResourceArn":"`+cluster+
		`","Status":"COMPLETED","CreationDate":"2026-01-30T20:10:00.123Z","EncryptionKeyArn":"`+keyHere+`"},
		{"RecoveryPointArn":"half","ResourceArn":"`+cluster+
		`","Status":"PARTIAL","CreationDate":"2026-01-31T01:00:00Z"},
		{"RecoveryPointArn":"other","ResourceArn":"`+cluster+
		`-rescue","Status":"COMPLETED","CreationDate":"2026-01-31T02:00:00Z"}]`), 0o644))
	for name, value := range map[string]string{
		"PATH":   bin + string(os.PathListSeparator) + os.Getenv("PATH"),
		"CALLS":  w.calls,
		"SEEN":   w.seen,
		"POINTS": points,
		"MADE":   time.Now().Add(-9 * time.Hour).UTC().Format(time.RFC3339),
	} {
		t.Setenv(name, value)
	}
	t.Chdir(work)
	w.write("prod", "secretsprovider: awskms://alias/bookmark-manager-state?region=ap-northeast-1\nencryptedkey: "+
		"c2VhbGVk\n"+string(raw))
	return w
}

func (w *world) write(stack, text string) {
	w.t.Helper()
	require.NoError(w.t, os.WriteFile(pathOf(stack), []byte(text), 0o644))
}

func (w *world) read(path string) string {
	w.t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(w.t, err)
	return string(raw)
}

func (w *world) run(args ...string) (code int, out, problems string) {
	w.t.Helper()
	require.NoError(w.t, os.RemoveAll(w.calls))
	var stdout, stderr bytes.Buffer
	code = command.Run(context.Background(), Command(), args, nil, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func TestAStackThatCouldBeBroughtUp(t *testing.T) {
	w := newWorld(t)
	code, out, problems := w.run("check", "--stack", "prod")
	require.Equal(t, command.OK, code, problems)
	assert.Contains(t, out, "Stack prod could be brought up in ap-northeast-3, with the database as of 9h0m0s ago")
	assert.Contains(t, w.read(w.calls), "--snapshot-type awsbackup",
		"RDS shows those of AWS Backup to nobody who does not ask for them")
	assert.Equal(t, "sealed", w.read(w.seen), "the key of the recovery region is given what the lost one has encrypted")
	assert.NotContains(t, w.read(w.calls), "--region ap-northeast-1", "the region that is lost is not asked")
}

// Each is said before anything is made.
func TestWhatIsMissingIsSaid(t *testing.T) {
	for want, prepare := range map[string]func(*world){
		"bookmark-manager:backups has no copy: without copies in another region nothing is left": func(w *world) {
			w.write("prod", strings.Replace(w.read("Pulumi.prod.yaml"),
				"    copy: {region: ap-northeast-3, retentionDays: 35}\n", "", 1))
		},
		"secretsprovider is \"\" and encryptedkey has 0 characters": func(w *world) {
			_, rest, _ := strings.Cut(w.read("Pulumi.prod.yaml"), "encryptedkey: c2VhbGVk\n")
			w.write("prod", rest)
		},
		"open the secrets of Pulumi.prod.yaml with a key of ap-northeast-3": func(w *world) {
			w.t.Setenv("SEALED", "An error occurred (NotFoundException)")
		},
		"none of its 1 vaults has one that is complete": func(w *world) { w.t.Setenv("VAULTS", `["Default"]`) },
		"31h0m0s ago: found 31h0m0s, want 26h0m0s or less (--within)": func(w *world) {
			w.t.Setenv("MADE", time.Now().Add(-31*time.Hour).UTC().Format(time.RFC3339))
		},
		"is under the key arn:aws:kms:ap-northeast-1:111122223333:key/1: it is lost with its region": func(w *world) {
			w.t.Setenv("SNAPSHOT_KEY", "arn:aws:kms:ap-northeast-1:111122223333:key/1")
		},
	} {
		t.Run(want, func(t *testing.T) {
			w := newWorld(t)
			w.t = t
			prepare(w)
			code, _, problems := w.run("file", "--stack", "prod", "--to", "recovery")
			assert.Equal(t, command.Failed, code)
			assert.Contains(t, problems, want)
			assert.NoFileExists(t, "Pulumi.recovery.yaml")
		})
	}
	w := newWorld(t)
	t.Setenv("MADE", time.Now().Add(-31*time.Hour).UTC().Format(time.RFC3339))
	code, _, problems := w.run("file", "--stack", "prod", "--to", "recovery", "--within", "48h")
	assert.Equal(t, command.OK, code, problems)
}

func TestTheFileOfTheRecoveryRegion(t *testing.T) {
	w := newWorld(t)
	code, out, problems := w.run("file", "--stack", "prod", "--to", "recovery")
	require.Equal(t, command.OK, code, problems)
	assert.Contains(t, out, "Pulumi.recovery.yaml: in ap-northeast-3, with the database as of 9h0m0s ago ("+arn+")")
	text := w.read("Pulumi.recovery.yaml")
	assert.NotContains(t, text, "ap-northeast-1", "the region that is lost")
	assert.NotContains(t, text, "pl-58a04531")
	assert.Contains(t, text, "encryptedkey: c2VhbGVk\n", "the secrets stay as they are")
	assert.Contains(t, text, "secretsprovider: awskms://alias/bookmark-manager-state?region=ap-northeast-3\n")
	var before, after struct {
		Config map[string]any `yaml:"config"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(w.read("Pulumi.prod.yaml")), &before))
	require.NoError(t, yaml.Unmarshal([]byte(text), &after))
	type m = map[string]any
	section := func(name string) m { return after.Config["bookmark-manager:"+name].(m) }
	assert.Equal(t, "recovery", after.Config["bookmark-manager:environment"])
	assert.Equal(t, []any{m{"name": "ap-northeast-3a", "index": 1}, m{"name": "ap-northeast-3b", "index": 2}},
		section("network")["zones"])
	assert.Equal(t, m{"main": m{"restore": m{"snapshot": arn, "engineVersion": "17.7"}}}, section("aurora")["clusters"])
	assert.Equal(t, m{
		"distributionId": "E2ABCDEFGHIJKL",
		"environment":    "production",
		"zoneId":         "Z0123456789ABCDEFGHIJ",
		"takesOver":      false,
	}, section("edge")["standby"])
	assert.NotContains(t, section("backups"), "copy")
	assert.NotContains(t, section("atlas")["backup"], "copyRegion")
	assert.Equal(t, m{"ownership": "off"}, section("atlas")["auditing"])
	assert.Equal(t, "adopt", section("sentry")["team"].(m)["mode"])
	assert.Equal(t, "off", section("datadog")["integration"])
	assert.Equal(t, "off", section("delivery")["provider"])
	for _, same := range []string{"compute", "services", "keys", "budget"} {
		assert.Equal(t, before.Config["bookmark-manager:"+same], section(same), same)
	}
	code, _, problems = w.run("file", "--stack", "prod", "--to", "recovery")
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "write Pulumi.recovery.yaml: it is there already")
}

func TestASnapshotByName(t *testing.T) {
	w := newWorld(t)
	code, _, problems := w.run("file", "--stack", "prod", "--to", "recovery", "--snapshot", "by-hand")
	require.Equal(t, command.OK, code, problems)
	assert.NotContains(t, w.read(w.calls), "aws backup")
	assert.Contains(t, w.read("Pulumi.recovery.yaml"), "snapshot: by-hand")
}

// The secret goes from CloudFront to pulumi's standard input, and nowhere else.
func TestTheOriginsSecretIsNeverAnArgument(t *testing.T) {
	w := newWorld(t)
	code, _, problems := w.run("secret", "--stack", "prod")
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, "edge.standby.distributionId is missing: the stack is no standby")
	code, _, problems = w.run("file", "--stack", "prod", "--to", "recovery")
	require.Equal(t, command.OK, code, problems)
	require.NoError(t, os.Remove(w.seen))
	code, out, problems := w.run("secret", "--stack", "recovery")
	require.Equal(t, command.OK, code, problems)
	assert.Equal(t, "hush", w.read(w.seen))
	assert.NotContains(t, out+problems+w.read(w.calls), "hush")
	assert.Contains(t, w.read(w.calls), "pulumi config set --secret bookmark-manager:originSecret --stack recovery")
}

// Everything but the domain of one origin goes back as it came, the secret header with it.
func TestTheDistributionTakesItsFilesFromTheStandby(t *testing.T) {
	w := newWorld(t)
	code, _, problems := w.run("file", "--stack", "prod", "--to", "recovery")
	require.Equal(t, command.OK, code, problems)
	t.Setenv("CONFIG", `{"ETag":"E1","DistributionConfig":{"Comment":"c","Origins":{"Quantity":2,"Items":[
		{"Id":"load-balancer","DomainName":"origin.example.com","CustomHeaders":{"Items":[{"HeaderValue":"hush"}]}},
		{"Id":"assets","DomainName":"lost.s3.ap-northeast-1.amazonaws.com","OriginAccessControlId":"o"}]}}}`)
	code, out, problems := w.run("assets", "--stack", "recovery")
	require.Equal(t, command.OK, code, problems)
	const domain = "bookmark-manager-recovery-assets-1.s3.ap-northeast-3.amazonaws.com"
	assert.JSONEq(t, `{"Comment":"c","Origins":{"Quantity":2,"Items":[
		{"Id":"load-balancer","DomainName":"origin.example.com","CustomHeaders":{"Items":[{"HeaderValue":"hush"}]}},
		{"Id":"assets","DomainName":"`+domain+`","OriginAccessControlId":"o"}]}}`, w.read(w.seen))
	assert.Contains(t, w.read(w.calls), "--if-match E1")
	assert.NotContains(t, out+problems+w.read(w.calls), "hush")
	t.Setenv("CONFIG", `{"DistributionConfig":{"Origins":{"Items":[]}}}`)
	code, _, problems = w.run("assets", "--stack", "recovery")
	assert.Equal(t, command.Failed, code)
	assert.Contains(t, problems, `none of its 0 origins has the id "assets"`)
}

func TestTheDatabaseComesHome(t *testing.T) {
	w := newWorld(t)
	code, _, problems := w.run("file", "--stack", "prod", "--to", "recovery")
	require.Equal(t, command.OK, code, problems)
	t.Setenv("HOME_IS_BACK", "yes")
	code, _, problems = w.run("home", "--stack", "recovery", "--to", "prod")
	require.Equal(t, command.OK, code, problems)
	called := strings.Split(strings.TrimSpace(w.read(w.calls)), "\n")
	require.Len(t, called, 9)
	name := strings.Fields(called[1])[4]
	assert.Regexp(t, `^bookmark-manager-recovery-aurora-[0-9]{8}-[0-9]{4}$`, name)
	assert.Equal(t, []string{
		"aws rds describe-db-clusters --db-cluster-identifier bookmark-manager-production-aurora --query " +
			"DBClusters[].KmsKeyId --region ap-northeast-1 --output json",
		"aws rds create-db-cluster-snapshot --db-cluster-snapshot-identifier " + name +
			" --query DBClusterSnapshot.Status --db-cluster-identifier " +
			"bookmark-manager-recovery-aurora --region ap-northeast-3 --output json",
		"aws rds wait db-cluster-snapshot-available --db-cluster-snapshot-identifier " + name +
			" --region ap-northeast-3",
		"aws rds copy-db-cluster-snapshot --target-db-cluster-snapshot-identifier " + name +
			" --query DBClusterSnapshot.Status " +
			"--source-db-cluster-snapshot-identifier arn:aws:rds:ap-northeast-3:111122223333:cluster-snapshot:" + name +
			" --source-region ap-northeast-3 --kms-key-id arn:aws:kms:ap-northeast-1:111122223333:key/home " +
			"--copy-tags --region ap-northeast-1 --output json",
		"aws rds wait db-cluster-snapshot-available --db-cluster-snapshot-identifier " + name +
			" --region ap-northeast-1",
		"aws rds describe-db-cluster-snapshots --db-cluster-snapshot-identifier " + name +
			" --query DBClusterSnapshots[].EngineVersion --region ap-northeast-1 --output json",
		"pulumi config set --path --type string --stack prod bookmark-manager:aurora.clusters.home.restore.snapshot " +
			name,
		"pulumi config set --path --type string --stack prod " +
			"bookmark-manager:aurora.clusters.home.restore.engineVersion 17.7",
		"pulumi config set --path --type string --stack prod bookmark-manager:aurora.active home",
	}, called)
}

func TestUsage(t *testing.T) {
	w := newWorld(t)
	for want, args := range map[string][]string{
		"want one of assets, check, file, home, secret":            {},
		"read the flag --stack: it is missing":                     {"check"},
		"read the flag --to: it is missing":                        {"file", "--stack", "prod"},
		`read the flag --to: found "production"`:                   {"file", "--stack", "prod", "--to", "production"},
		`read the flag --to: found "Recovery"`:                     {"file", "--stack", "prod", "--to", "Recovery"},
		"read the stack file: open Pulumi.dev.yaml":                {"check", "--stack", "dev"},
		`found "more", want flags only`:                            {"check", "--stack", "prod", "more"},
		"read the stack file: open Pulumi.none.yaml: no such file": {"home", "--stack", "prod", "--to", "none"},
	} {
		code, _, problems := w.run(args...)
		assert.Equal(t, command.Usage, code, want)
		assert.Contains(t, problems, want)
	}
}
