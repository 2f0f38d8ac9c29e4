package compute

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/recorder"
)

const dumpDigest = "sha256:d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4"

func dumpConfig() DumpConfig {
	return DumpConfig{
		Image:            dumpDigest,
		Architecture:     "ARM64",
		CPU:              256,
		Memory:           512,
		Schedule:         "cron(10 3 * * ? *)",
		Timezone:         "Asia/Tokyo",
		RetentionDays:    35,
		PasswordRotation: 1,
		LogRetentionDays: 30,
	}
}

func buildDump(change func(*DumpArgs)) (*recorder.Recorder, *Dump, error) {
	var made *Dump
	r := recorder.New()
	err := r.Component(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		cluster, err := NewCluster(ctx, "cluster", &ClusterArgs{
			Scheduled: true,
			Config:    prod().Config.Cluster,
			Stack:     recorder.Production,
			LogKeyArn: pulumi.String(arn("kms", "key/logs")),
		}, opts...)
		if err != nil {
			return err
		}
		args := &DumpArgs{
			Config:          dumpConfig(),
			Stack:           recorder.Production,
			Cluster:         cluster,
			RepositoryURL:   pulumi.String("registry/dump"),
			RepositoryArn:   pulumi.String("arn:repository"),
			SubnetIDs:       pulumi.ToStringArray([]string{"subnet-3", "subnet-4"}),
			SecurityGroupID: pulumi.String("sg-dump"),
			LogKeyArn:       pulumi.String(arn("kms", "key/logs")),
			Database:        Secret{pulumi.String(arn("ssm", "parameter/DUMP_DATABASE_URL")), pulumi.Int(2)},
			DataKeyArn:      pulumi.String(arn("kms", "key/data")),
			BucketName:      pulumi.String("backups-bucket"),
			BucketArn:       pulumi.String("arn:aws:s3:::backups-bucket"),
			Folder:          "dumps",
		}
		if change != nil {
			change(args)
		}
		made, err = NewDump(ctx, DumpName, args, opts...)
		return err
	}, "aws")
	return r, made, err
}

func TestADump(t *testing.T) {
	r, made, err := buildDump(nil)
	require.NoError(t, err)
	assert.True(t, made.Deployed)
	definition := get(t, r, typeTaskDefinition, "dump")
	assertInputs(t, definition, map[string]any{
		"family": "bookmark-manager-production-dump", "cpu": "256", "memory": "512",
		"volumes":                         []any{map[string]any{"name": "tmp"}},
		"runtimePlatform.cpuArchitecture": "ARM64",
	})
	var containers []container
	require.NoError(t, json.Unmarshal([]byte(definition.Input("containerDefinitions").(string)), &containers))
	require.Len(t, containers, 2)
	task := containers[0]
	assert.Equal(t, "registry/dump@"+dumpDigest, task.Image)
	assert.Equal(t, []string{"sh", "-c"}, task.EntryPoint)
	assert.Equal(t, []string{dumpScript}, task.Command)
	assert.Equal(t, []variable{
		{"AWS_REGION", "ap-northeast-1"}, {"DUMP_TO", "s3://backups-bucket/dumps"}, {"HOME", "/tmp"},
	}, task.Environment)
	assert.Equal(t, []parameter{{"DUMP_DATABASE_URL", arn("ssm", "parameter/DUMP_DATABASE_URL")}}, task.Secrets)
	assert.True(t, task.ReadonlyRootFilesystem)
	assert.Nil(t, task.HealthCheck)
	assert.Equal(t, []int{256, 512}, []int{task.CPU, task.Memory})
	assert.Equal(t, []string{"1777", "/tmp"}, containers[1].Command)

	assertInputs(t, get(t, r, typeSchedule, "dump"), map[string]any{
		"scheduleExpression":                     "cron(10 3 * * ? *)",
		"scheduleExpressionTimezone":             "Asia/Tokyo",
		"target.input":                           nil,
		"groupName":                              "bookmark-manager-production-schedules",
		"target.roleArn":                         "arn:aws:test:ap-northeast-1:111122223333:dump-scheduler",
		"target.ecsParameters.taskDefinitionArn": "arn:aws:test:ap-northeast-1:111122223333:dump",
		"target.ecsParameters.networkConfiguration": map[string]any{
			"subnets": []any{"subnet-3", "subnet-4"}, "securityGroups": []any{"sg-dump"}, "assignPublicIp": false,
		},
	})
}

func TestADumpMayPutIntoItsFolderAndNothingElse(t *testing.T) {
	r, _, err := buildDump(nil)
	require.NoError(t, err)
	assert.JSONEq(t, document(`
		{"Sid": "PutDumps", "Effect": "Allow", "Action": ["s3:AbortMultipartUpload", "s3:PutObject"],
		 "Resource": ["arn:aws:s3:::backups-bucket/dumps/*"]},
		{"Sid": "EncryptDumps", "Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
		 "Resource": ["arn:aws:kms:ap-northeast-1:111122223333:key/data"],
		 "Condition": {"StringEquals": {"kms:ViaService": ["s3.ap-northeast-1.amazonaws.com"],
		  "kms:EncryptionContext:aws:s3:arn": ["arn:aws:s3:::backups-bucket"]}}}`),
		get(t, r, typeRolePolicy, "dump-task").Input("policy").(string))
	assert.JSONEq(t, strings.Replace(start("dump", "dump", "DUMP_DATABASE_URL"),
		"arn:aws:test:ap-northeast-1:111122223333:registry-dump", "arn:repository", 1),
		get(t, r, typeRolePolicy, "dump-execution").Input("policy").(string))
	assert.Len(t, r.OfType(typeRolePolicy), 3, "and that of who starts it")
}

func TestADumpWithoutAnImageIsNoTask(t *testing.T) {
	r, made, err := buildDump(func(a *DumpArgs) { a.Config.Image = "" })
	require.NoError(t, err)
	assert.False(t, made.Deployed)
	assert.Empty(t, r.OfType(typeTaskDefinition))
	assert.Empty(t, r.OfType(typeSchedule))
}

func TestADumpThatCannotBe(t *testing.T) {
	for want, change := range map[string]func(*DumpArgs){
		"the wiring lacks Cluster":                    func(a *DumpArgs) { a.Cluster = nil },
		"DataKeyArn, BucketName, BucketArn, Folder":   func(a *DumpArgs) { a.Folder = "" },
		"or ARN and version of Database":              func(a *DumpArgs) { a.Database.Version = nil },
		"memory: found 3072, want one of":             func(a *DumpArgs) { a.Config.Memory = 3072 },
		`schedule: found "cron(0 0 30 2 ? *)"`:        func(a *DumpArgs) { a.Config.Schedule = "cron(0 0 30 2 ? *)" },
		"schedule: found nothing, want rate(5 minute": func(a *DumpArgs) { a.Config.Schedule = "" },
	} {
		r, _, err := buildDump(change)
		require.ErrorContains(t, err, want)
		assert.Empty(t, r.OfType(typeRole), want)
	}
}

// dump runs the script with stand-ins for its tools: aws keeps what it was sent once it has seen
// the end of it, as S3 does. It returns what was kept and what the script said.
func dump(t *testing.T, pgDump, aws string) (kept map[string]string, said string, err error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"pg_dump": pgDump,
		"psql":    `[ "$5" = "SELECT pg_database_size(current_database())" ] && echo 123456789`,
		"aws":     aws,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755))
	}
	var out bytes.Buffer
	command := exec.Command("sh", "-c", dumpScript)
	command.Dir, command.Stdout, command.Stderr = dir, &out, &out
	command.Env = []string{
		"PATH=" + dir + ":" + os.Getenv("PATH"), "HOME=" + dir, "DUMP_TO=s3://bucket/dumps",
		"DUMP_DATABASE_URL=postgresql://reader:word@db/bookmarkdb",
	}
	err = command.Run()
	kept = map[string]string{}
	files, globErr := filepath.Glob(filepath.Join(dir, "kept-*"))
	require.NoError(t, globErr)
	for _, file := range files {
		text, readErr := os.ReadFile(file)
		require.NoError(t, readErr)
		kept[strings.TrimPrefix(filepath.Base(file), "kept-")] = string(text)
	}
	left, globErr := filepath.Glob(filepath.Join(dir, "dump.*"))
	require.NoError(t, globErr)
	assert.Empty(t, left, "the pipe is gone")
	return kept, out.String(), err
}

const (
	keeps = `echo "$*" > asked; cat > part && mv part "kept-$(basename "$4")"`
	dumps = `case "$*" in *--format=custom*--dbname=postgresql://reader:word@db/bookmarkdb) printf 'the dump' ;; esac`
)

func TestTheDumpIsUploadedWhole(t *testing.T) {
	kept, said, err := dump(t, dumps, keeps+`; cat asked`)
	require.NoError(t, err, said)
	require.Len(t, kept, 1)
	for name, text := range kept {
		assert.Regexp(t, `^\d{4}-\d\d-\d\dT\d{6}Z\.dump$`, name)
		assert.Equal(t, "the dump", text)
		assert.Equal(t, fmt.Sprintf("s3 cp - s3://bucket/dumps/%s --expected-size 123456789 --only-show-errors\n"+
			"dump: completed s3://bucket/dumps/%[1]s\n", name), said)
	}
}

// Half a dump must not lie in the bucket as if it were one: with a lock it would stay.
func TestHalfADumpIsNotUploaded(t *testing.T) {
	for name, pgDump := range map[string]string{
		"pg_dump fails at once":  "exit 1",
		"pg_dump fails half-way": "printf 'half of the'; exit 1",
		"pg_dump is killed":      "printf 'half of the'; kill -KILL $$",
		"pg_dump is not there":   "exec ./no-such-program",
	} {
		kept, said, err := dump(t, pgDump, keeps)
		require.Error(t, err, name)
		assert.Empty(t, kept, name)
		assert.Contains(t, said, "dump: failed, and s3://bucket/dumps/", name)
		assert.NotContains(t, said, "completed", name)
	}
}

func TestAnUploadThatFailsFailsTheDump(t *testing.T) {
	for name, aws := range map[string]string{
		"refused at once":   "echo AccessDenied >&2; exit 1",
		"refused at an end": "cat > part; echo AccessDenied >&2; exit 1",
	} {
		kept, said, err := dump(t, "yes | head -c 1000000", aws)
		require.Error(t, err, name)
		assert.Empty(t, kept, name)
		assert.Contains(t, said, "AccessDenied", name)
		assert.NotContains(t, said, "completed", name)
	}
}
