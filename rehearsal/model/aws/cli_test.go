package aws

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// commandLine runs commands of the AWS CLI on a cloud, written as in a shell without quotes.
func (w *world) commandLine() func(command string) (string, error) {
	cli := &CLI{Cloud: w.cloud, Account: account, Region: tokyo, Buckets: w.t.TempDir()}
	return func(command string) (string, error) { return cli.Run(strings.Fields(command)) }
}

func TestTheCommandLineShowsWhatAWSWouldShow(t *testing.T) {
	w := newWorld(t)
	d := w.database(in{
		"engineVersion":    "17.7",
		"storageEncrypted": true,
		"kmsKeyId":         w.make(keyType, "data", in{}).text("arn"),
	})
	osaka := w.other("ap-northeast-3", account, nil).make(keyType, "home", in{}).text("arn")
	aws := w.commandLine()
	for _, one := range []struct{ command, want string }{
		{"sts get-caller-identity --query Account --output text", account + "\n"},
		{"--region ap-northeast-3 ec2 describe-availability-zones --query AvailabilityZones[0].ZoneName",
			`"ap-northeast-3a"` + "\n"},
		{"ec2 describe-availability-zones --region ap-northeast-3 --filters Name=a,Values=b Name=c,Values=d --query " +
			"AvailabilityZones[].ZoneName",
			`["ap-northeast-3a","ap-northeast-3b","ap-northeast-3c"]` + "\n"},
		{"rds describe-db-clusters --db-cluster-identifier " + d.cluster.id + " --query DBClusters[].EngineVersion",
			`["17.7"]` + "\n"},
		{"rds create-db-cluster-snapshot --db-cluster-identifier " + d.cluster.id +
			" --db-cluster-snapshot-identifier one " +
			"--query DBClusterSnapshot.Status", `"available"` + "\n"},
		{"rds wait db-cluster-snapshot-available --db-cluster-snapshot-identifier one", ""},
		{"rds copy-db-cluster-snapshot --region ap-northeast-3 --source-region ap-northeast-1 " +
			"--target-db-cluster-snapshot-identifier one " +
			"--source-db-cluster-snapshot-identifier arn:aws:rds:ap-northeast-1:123456789012:cluster-snapshot:one " +
			"--kms-key-id " + osaka +
			" --copy-tags --query DBClusterSnapshot.KmsKeyId", `"` + osaka + `"` + "\n"},
		{"backup list-backup-vaults --query BackupVaultList[].BackupVaultName", "null\n"},
		{"s3api create-bucket --bucket state", ""},
		{"s3api head-bucket --bucket state", ""},
	} {
		got, err := aws(one.command)
		require.NoError(t, err, one.command)
		assert.Equal(t, one.want, got, one.command)
	}
}

func TestTheCommandLineRefusesLikeAWS(t *testing.T) {
	w := newWorld(t)
	f := Foundation{Account: account, Region: tokyo, Recovery: "ap-northeast-3", Project: "shelf", Environment: "prod"}
	require.NoError(t, f.Bootstrap(w.cloud))
	aws := w.commandLine()
	text, err := aws("kms describe-key --region ap-northeast-3 --key-id alias/shelf-state --query " +
		"KeyMetadata.[KeyId,MultiRegionConfiguration.MultiRegionKeyType] --output text")
	require.NoError(t, err)
	assert.Equal(t, "mrk-00000000000040008000000000000000\tREPLICA\n", text)
	sealed := filepath.Join(t.TempDir(), "sealed")
	require.NoError(t, os.WriteFile(sealed, []byte("nothing that KMS has encrypted"), 0o600))
	for command, want := range map[string]struct {
		code int
		text string
	}{
		"kms enable-key-rotation --region ap-northeast-3 --key-id alias/shelf-state": {254,
			"(UnsupportedOperationException)"},
		"kms replicate-key --region ap-northeast-3 --key-id alias/shelf-state --replica-region us-west-2": {254,
			"is not a multi-Region primary key"},
		"kms describe-key --key-id alias/none":                  {254, "An error occurred (NotFoundException)"},
		"kms decrypt --ciphertext-blob fileb://" + sealed:       {254, "(InvalidCiphertextException)"},
		"s3api head-bucket --bucket none":                       {254, "(404)"},
		"rds describe-db-clusters --db-cluster-identifier none": {254, "(DBClusterNotFoundFault)"},
		"cloudfront get-distribution-config --id E1":            {254, "(NoSuchDistribution)"},
		"iam delete-role --role-name shelf":                     {252, `does not know "iam delete-role"`},
		"sts get-caller-identity --query [ --output text":       {252, "Bad value for --query"},
		"route53 list-hosted-zones-by-name":                     {0, ""},
	} {
		_, err := aws(command)
		if want.code == 0 {
			assert.NoError(t, err, command)
			continue
		}
		var ended *CLIError
		require.ErrorAs(t, err, &ended, command)
		assert.Equal(t, want.code, ended.Code, command)
		assert.Contains(t, ended.Message, want.text, command)
	}
	require.NoError(t, Lose(w.cloud, tokyo))
	_, err = aws("rds describe-db-clusters --db-cluster-identifier none")
	var ended *CLIError
	require.ErrorAs(t, err, &ended)
	assert.Equal(t, 255, ended.Code)
	assert.Equal(t, `Could not connect to the endpoint URL: "https://rds.ap-northeast-1.amazonaws.com/"`, ended.Message)
	_, err = aws("cloudfront list-distributions")
	require.NoError(t, err, "CloudFront has no region to lose")
}

// The commands of a release and of a promotion, on images, files and tasks.
func TestTheCommandLineReleases(t *testing.T) {
	w := newWorld(t)
	w.make(repositoryType, "web", repository(nil))
	w.make(bucketType, "assets", in{"bucket": "shelf-assets"})
	digest, err := Push(w.cloud, account, tokyo, "web", "a1b2c3d")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte("one\ntwo\n"), 0o600))
	aws := w.commandLine()
	for _, one := range []struct{ command, want string }{
		{"ecr describe-images --repository-name web --image-ids imageTag=a1b2c3d --query imageDetails[0].imageDigest " +
			"--output text", digest + "\n"},
		{"ecr put-image --repository-name web --image-digest " + digest + " --image-tag release-a1b2c3d",
			`{"image":{}}` + "\n"},
		{"ecr list-images --repository-name web --query imageIds[].imageTag", `["a1b2c3d","release-a1b2c3d"]` + "\n"},
		{"ecr batch-get-image --repository-name web --image-ids imageDigest=sha256:0 --query failures[].failureCode",
			`["ImageNotFound"]` + "\n"},
		{"ecr batch-delete-image --repository-name web --image-ids imageTag=release-a1b2c3d", `{"failures":[]}` + "\n"},
		{"ecr list-images --repository-name web --query imageIds[].imageTag", `["a1b2c3d"]` + "\n"},
		{"s3api list-objects-v2 --bucket shelf-assets --prefix a/", ""},
		{"s3api put-object --bucket shelf-assets --key a/b --body " + file + " --if-none-match *", ""},
		{"s3api list-objects-v2 --bucket shelf-assets --prefix a/ --query Contents[].Key", `["a/b"]` + "\n"},
		{"s3api list-objects-v2 --bucket shelf-assets --prefix b/", ""},
		{"s3 cp s3://shelf-assets/a/b -", "one\ntwo\n"},
		{"ecs describe-services --cluster c --services none", `{"services":[]}` + "\n"},
	} {
		got, err := aws(one.command)
		require.NoError(t, err, one.command)
		assert.Equal(t, one.want, got, one.command)
	}
	put := " --key a/b --body " + file + " --if-none-match *"
	for _, one := range []struct{ command, want string }{
		{"ecr describe-images --repository-name web --image-ids imageTag=none", "(ImageNotFoundException)"},
		{"ecr describe-images --repository-name none --image-ids imageTag=none", "(RepositoryNotFoundException)"},
		{"s3api put-object --bucket shelf-assets" + put, "(PreconditionFailed)"},
		{"s3api put-object --bucket none" + put, "(NoSuchBucket)"},
		{"s3 cp s3://shelf-assets/none -", "(404)"},
		{"ecs run-task --cluster c --task-definition arn:aws:ecs:" + tokyo + ":1:task-definition/m:1",
			"(ClientException)"},
		{"ecs wait tasks-stopped --cluster c --tasks none", "(InvalidParameterException)"},
	} {
		_, err := aws(one.command)
		assert.ErrorContains(t, err, one.want, one.command)
	}
	require.NoError(t, Lose(w.cloud, tokyo))
	for _, command := range []string{
		"s3api list-objects-v2 --bucket shelf-assets --region us-east-1", "ecr list-images --repository-name web",
	} {
		_, err := aws(command)
		assert.ErrorContains(t, err, "Could not connect to the endpoint URL", command)
	}
}
