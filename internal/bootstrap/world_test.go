package bootstrap

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

// The stand-ins keep what was made as files in $MADE, so that a second run finds it. Each answers
// like the real command where it is asked for something that is not there.
const awsStandIn = `
made() { [ -e "$MADE/$1" ]; }
missing() { echo "An error occurred ($1) when calling the operation" >&2; exit 254; }
case "$1 $2" in
"$FAIL_ON") echo "AccessDenied" >&2; exit 254 ;;
"sts get-caller-identity") if [ "${AWS_PROFILE:-}" = staging ]; then echo 444455556666; else echo 111122223333; fi ;;
"rds describe-db-engine-versions") echo "${VERSIONS-16.9	17.7	18.3}" ;;
"kms describe-key")
	case "$4" in
	alias/*) made "key-$AWS_REGION" ;;
	*) made "replica-$AWS_REGION" ;;
	esac || missing NotFoundException
	case "$*" in
	*KeyState*) echo Enabled ;;
	*)
		kind=${KEY_KIND:-PRIMARY} id=mrk-1
		[ "$AWS_REGION" != ap-northeast-3 ] || { kind=${COPY_KIND:-REPLICA}; id=${COPY_ID:-mrk-1}; }
		printf 'arn:aws:kms:%s:key/%s\t%s\n' "$AWS_REGION" "$id" "$kind"
		;;
	esac ;;
"kms replicate-key") touch "$MADE/replica-$6" ;;
"kms create-alias") touch "$MADE/key-$AWS_REGION" ;;
"kms create-key") touch "$MADE/key-$AWS_REGION"; echo "arn:aws:kms:$AWS_REGION:key/mrk-1" ;;
"s3api head-bucket") made "bucket-$AWS_REGION" || missing "${HEAD_BUCKET:-404}" ;;
"s3api create-bucket") touch "$MADE/bucket-$AWS_REGION" ;;
"s3api get-bucket-replication") made rule || missing ReplicationConfigurationNotFoundError; echo "${REPLICATED_TO:-}" ;;
"s3api put-bucket-replication") touch "$MADE/rule" ;;
"iam get-open-id-connect-provider") made provider || missing NoSuchEntity; echo "${CLIENTS-sts.amazonaws.com}" ;;
"iam create-open-id-connect-provider") touch "$MADE/provider" ;;
"iam get-role") made "$4" || missing NoSuchEntity ;;
"iam create-role") touch "$MADE/$4" ;;
esac`

const pulumiStandIn = `
case "$1 $2" in
"stack ls") if [ -e "$MADE/stack" ]; then echo '[{"name":"organization/bookmark-manager/prod"}]'; else echo '[]'; fi ;;
"stack init") touch "$MADE/stack"; echo "backend $PULUMI_BACKEND_URL region $AWS_REGION profile ${AWS_PROFILE:-}" >"$MADE/environment" ;;
esac`

const prodFile = `config:
  bookmark-manager:environment: production
  bookmark-manager:aws: {accountId: "111122223333", region: ap-northeast-1}
  bookmark-manager:aurora: {engineVersion: "17.7"}
  bookmark-manager:backups: {copy: {region: ap-northeast-3}}
  bookmark-manager:delivery:
    provider: adopt
    repository: bookmark-manager/infrastructure
    deployEnvironment: production
    sessionHours: 2
`

const stagingFile = `config:
  bookmark-manager:environment: staging
  bookmark-manager:aws: {accountId: "444455556666", region: us-east-1}
  bookmark-manager:delivery: {provider: "off"}
`

type world struct {
	t           *testing.T
	calls, made string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	folder := t.TempDir()
	w := &world{t: t, calls: filepath.Join(folder, "calls"), made: filepath.Join(folder, "made")}
	bin, work := filepath.Join(folder, "bin"), filepath.Join(folder, "work")
	for _, one := range []string{bin, work, w.made} {
		require.NoError(t, os.Mkdir(one, 0o755))
	}
	for name, body := range map[string]string{"aws": awsStandIn, "pulumi": pulumiStandIn} {
		script := "#!/usr/bin/env bash\nset -u\necho \"" + name + " $*\" >>\"$CALLS\"\n" + body + "\n"
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755))
	}
	for name, value := range map[string]string{
		"PATH":          bin + string(os.PathListSeparator) + os.Getenv("PATH"),
		"CALLS":         w.calls,
		"MADE":          w.made,
		"FAIL_ON":       "",
		"AWS_PROFILE":   "",
		"REPLICATED_TO": "arn:aws:s3:::" + replica,
	} {
		t.Setenv(name, value)
	}
	t.Chdir(work)
	require.NoError(t, os.WriteFile("Pulumi.prod.yaml", []byte(prodFile), 0o644))
	return w
}

func (w *world) run(args ...string) (code int, out, problems string) {
	w.t.Helper()
	require.NoError(w.t, os.RemoveAll(w.calls))
	var stdout, stderr bytes.Buffer
	code = command.Run(context.Background(), Command(), args, nil, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func (w *world) called() []string {
	raw, err := os.ReadFile(w.calls)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(w.t, err)
	return strings.Split(strings.TrimSpace(string(raw)), "\n")
}

const (
	bucket    = "bookmark-manager-state-111122223333-ap-northeast-1"
	replica   = "bookmark-manager-state-111122223333-ap-northeast-3"
	provider  = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
	trustText = `{"Statement":[{"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{` +
		`"token.actions.githubusercontent.com:aud":"sts.amazonaws.com",` +
		`"token.actions.githubusercontent.com:sub":"repo:bookmark-manager/infrastructure:environment:` +
		`production-bootstrap"}},` +
		`"Effect":"Allow","Principal":{"Federated":"` + provider + `"}}],"Version":"2012-10-17"}`
	copier      = "bookmark-manager-state-replication-ap-northeast-1"
	copierTrust = `{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":` +
		`"s3.amazonaws.com"}}],"Version":"2012-10-17"}`
)

func createBucketIn(bucket, region string) string {
	return "aws s3api create-bucket --bucket " + bucket + " --create-bucket-configuration LocationConstraint=" + region
}

func headBucketOf(bucket string) string {
	return "aws s3api head-bucket --bucket " + bucket + " --expected-bucket-owner 111122223333"
}

func createKeyIn(region string) []string {
	return []string{
		"aws kms create-key --multi-region --description State and secrets of bookmark-manager --tags " +
			"TagKey=Project,TagValue=bookmark-manager --query KeyMetadata.Arn --output text",
		"aws kms create-alias --alias-name alias/bookmark-manager-state --target-key-id arn:aws:kms:" + region +
			":key/mrk-1",
	}
}

// setUp are the calls that set up a bucket, under the key of its region.
func setUp(bucket, region string) []string {
	return []string{
		"aws s3api put-public-access-block --bucket " + bucket +
			` --public-access-block-configuration ` +
			`{"BlockPublicAcls":true,"BlockPublicPolicy":true,"IgnorePublicAcls":true,"RestrictPublicBuckets":true}`,
		"aws s3api put-bucket-ownership-controls --bucket " + bucket +
			` --ownership-controls {"Rules":[{"ObjectOwnership":"BucketOwnerEnforced"}]}`,
		"aws s3api put-bucket-versioning --bucket " + bucket + ` --versioning-configuration {"Status":"Enabled"}`,
		"aws s3api put-bucket-encryption --bucket " + bucket +
			` --server-side-encryption-configuration ` +
			`{"Rules":[{"ApplyServerSideEncryptionByDefault":{"KMSMasterKeyID":"arn:aws:kms:` + region +
			`:key/mrk-1","SSEAlgorithm":"aws:kms"},"BucketKeyEnabled":true}]}`,
		"aws s3api put-bucket-lifecycle-configuration --bucket " + bucket +
			` --lifecycle-configuration ` +
			`{"Rules":[{"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":1},"Filter":{"Prefix":""},"ID":` +
			`"old-versions","NoncurrentVersionExpiration":{"NoncurrentDays":90},"Status":"Enabled"}]}`,
		"aws s3api put-bucket-policy --bucket " + bucket +
			` --policy {"Statement":[{"Action":"s3:*","Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":` +
			`"Deny","Principal":"*","Resource":["arn:aws:s3:::` + bucket + `","arn:aws:s3:::` + bucket +
			`/*"],"Sid":"OnlyEncryptedTransport"}],"Version":"2012-10-17"}`,
	}
}

var (
	account      = "aws sts get-caller-identity --query Account --output text"
	listVersions = "aws rds describe-db-engine-versions --engine aurora-postgresql --include-all --query " +
		"DBEngineVersions[].EngineVersion --output text"
	describeKey  = describeKeyNamed("alias/bookmark-manager-state")
	createKey    = createKeyIn("ap-northeast-1")
	rotateKey    = "aws kms enable-key-rotation --key-id arn:aws:kms:ap-northeast-1:key/mrk-1"
	headBucket   = headBucketOf(bucket)
	createBucket = createBucketIn(bucket, "ap-northeast-1")
	setUpBucket  = setUp(bucket, "ap-northeast-1")

	replicateKey = []string{
		"aws kms replicate-key --key-id arn:aws:kms:ap-northeast-1:key/mrk-1 --replica-region ap-northeast-3 " +
			"--description State and " +
			"secrets of bookmark-manager --tags TagKey=Project,TagValue=bookmark-manager",
		"aws kms describe-key --key-id mrk-1 --query KeyMetadata.KeyState --output text",
	}
	nameReplica = "aws kms create-alias --alias-name alias/bookmark-manager-state --target-key-id mrk-1"
	makeReplica = calls(describeKey, describeKeyNamed("mrk-1"), replicateKey, nameReplica, headBucketOf(replica),
		createBucketIn(replica, "ap-northeast-3"), setUp(replica, "ap-northeast-3"))
	getRule = "aws s3api get-bucket-replication --bucket " + bucket +
		" --query ReplicationConfiguration.Rules[].Destination.Bucket --output text"
	getCopier  = "aws iam get-role --role-name " + copier
	makeCopier = "aws iam create-role --role-name " + copier + " --assume-role-policy-document " + copierTrust +
		" --max-session-duration 3600 --description S3 copies the state to the recovery region"
	keepCopier = []string{
		"aws iam update-assume-role-policy --role-name " + copier + " --policy-document " + copierTrust,
		"aws iam update-role --role-name " + copier + " --max-session-duration 3600",
	}
	allowCopier = "aws iam put-role-policy --role-name " + copier +
		` --policy-name replicate --policy-document {"Statement":[` +
		`{"Action":["s3:GetReplicationConfiguration","s3:ListBucket"],"Effect":"Allow","Resource":"arn:aws:s3:::` +
		bucket + `","Sid":"ReadTheRule"},` +
		`{"Action":["s3:GetObjectVersionAcl","s3:GetObjectVersionForReplication","s3:GetObjectVersionTagging"],` +
		`"Effect":"Allow","Resource":"arn:aws:s3:::` + bucket + `/*","Sid":"ReadVersions"},` +
		`{"Action":["s3:ReplicateDelete","s3:ReplicateObject","s3:ReplicateTags"],"Effect":"Allow","Resource":"arn:` +
		`aws:s3:::` + replica + `/*","Sid":"WriteCopies"},` +
		`{"Action":["kms:Decrypt"],"Condition":{"StringEquals":{"kms:EncryptionContext:aws:s3:arn":"arn:aws:s3:::` +
		bucket + `","kms:ViaService":"s3.ap-northeast-1.amazonaws.com"}},"Effect":"Allow","Resource":"arn:aws:kms:` +
		`ap-northeast-1:key/mrk-1","Sid":"Decrypt"},` +
		`{"Action":["kms:Decrypt","kms:Encrypt","kms:GenerateDataKey"],"Condition":{"StringEquals":{"kms:` +
		`EncryptionContext:aws:s3:arn":"arn:aws:s3:::` + replica +
		`","kms:ViaService":"s3.ap-northeast-3.amazonaws.com"}},"Effect":"Allow","Resource":"arn:aws:kms:` +
		`ap-northeast-3:key/mrk-1","Sid":"Encrypt"}],"Version":"2012-10-17"}`
	copyOnce = "aws s3 sync s3://" + bucket + " s3://" + replica +
		" --source-region ap-northeast-1 --region ap-northeast-3 --only-show-errors"
	putRule = "aws s3api put-bucket-replication --bucket " + bucket +
		` --replication-configuration {"Role":"arn:aws:iam::111122223333:role/` + copier + `","Rules":[` +
		`{"DeleteMarkerReplication":{"Status":"Enabled"},"Destination":{"Bucket":"arn:aws:s3:::` + replica +
		`","EncryptionConfiguration":{"ReplicaKmsKeyID":"arn:aws:kms:ap-northeast-3:key/mrk-1"}},` +
		`"Filter":{"Prefix":""},"ID":"state","Priority":1,"SourceSelectionCriteria":{"SseKmsEncryptedObjects":{` +
		`"Status":"Enabled"}},"Status":"Enabled"}]}`

	getProvider = "aws iam get-open-id-connect-provider --open-id-connect-provider-arn " + provider +
		" --query ClientIDList --output text"
	createProvider = "aws iam create-open-id-connect-provider --url https://token.actions.githubusercontent.com " +
		"--client-id-list sts.amazonaws.com"
	getRole    = "aws iam get-role --role-name bookmark-manager-production-bootstrap"
	createRole = "aws iam create-role --role-name bookmark-manager-production-bootstrap " +
		"--assume-role-policy-document " + trustText +
		" --max-session-duration 7200 --description First deploy, and changes of the delivery roles"
	updateRole = "aws iam update-assume-role-policy --role-name bookmark-manager-production-bootstrap " +
		"--policy-document " + trustText
	lengthen   = "aws iam update-role --role-name bookmark-manager-production-bootstrap --max-session-duration 7200"
	attachRole = "aws iam attach-role-policy --role-name bookmark-manager-production-bootstrap --policy-arn " +
		"arn:aws:iam::aws:policy/AdministratorAccess"
	listStacks = "pulumi stack ls --json"
	initStack  = "pulumi stack init prod --secrets-provider=awskms://alias/bookmark-manager-state?" +
		"region=ap-northeast-1 --no-select"
)

func describeKeyNamed(name string) string {
	return "aws kms describe-key --key-id " + name +
		" --query KeyMetadata.[Arn,MultiRegionConfiguration.MultiRegionKeyType] --output text"
}

func calls(parts ...any) []string {
	var all []string
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			all = append(all, part)
		case []string:
			all = append(all, part...)
		}
	}
	return all
}
