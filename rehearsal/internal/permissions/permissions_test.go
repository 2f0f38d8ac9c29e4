package permissions

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const recorded = `{"key":"own","document":{"kind":"identity policy","name":"policy ` +
	`own","text":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"All\",` +
	`\"Effect\":\"Allow\",\"Action\":[\"s3:*\",\"ec2:Describe*\"],\"Resource\":\"*\"}]}"}}
{"key":"bucket","document":{"kind":"resource policy","name":"policy of the bucket","text":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Logs\",` +
	`\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"logs.amazonaws.com\"},\"Action\":\"s3:PutObject\",\"Resource\":\"*\"}]}"}}
{"asked":{"role":"arn:aws:iam::111122223333:role/app","account":"111122223333","action":"s3:GetObject","resource":"arn:aws:s3:::a/b",` +
	`"context":{},"identity":["own"]}}
{"asked":{"role":"arn:aws:iam::111122223333:role/app","account":"111122223333","action":"s3:PutObject","resource":"arn:aws:s3:::a/b",` +
	`"context":{},"identity":["own"]}}
{"asked":{"service":"logs.amazonaws.com","account":"","action":"s3:PutObject","resource":"arn:aws:s3:::a/b","context":{},"policy":"bucket"}}
`

func load(t *testing.T) *Record {
	t.Helper()
	file := filepath.Join(t.TempDir(), "requests.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(recorded), 0o600))
	record, err := Load(file)
	require.NoError(t, err)
	return record
}

const app = "arn:aws:iam::111122223333:role/app"

func TestAnActionTakenAwayIsRefused(t *testing.T) {
	t.Parallel()
	record := load(t)
	assert.Equal(t, []string{app}, record.Roles())
	assert.Equal(t, map[string][]string{"s3:GetObject": {"arn:aws:s3:::a/b"}, "s3:PutObject": {"arn:aws:s3:::a/b"}},
		record.Used(app))
	refusal, err := record.Without(app, "s3:PutObject")
	require.NoError(t, err)
	require.NotNil(t, refusal)
	assert.Equal(t, "s3:PutObject", refusal.Request.Action)
	refusal, err = record.Without(app, "s3:DeleteObject")
	require.NoError(t, err)
	assert.Nil(t, refusal, "it was never asked")
}

func TestAStatementTakenAwayIsRefused(t *testing.T) {
	t.Parallel()
	record := load(t)
	statements, err := record.ResourceStatements()
	require.NoError(t, err)
	require.Len(t, statements, 1)
	assert.Equal(t, "Logs", statements[0].Label)
	refusal, err := record.WithoutStatement(statements[0])
	require.NoError(t, err)
	require.NotNil(t, refusal)
	assert.Equal(t, "logs.amazonaws.com", refusal.Request.Principal.Service)
}

func TestWhatIsGrantedAndNotUsed(t *testing.T) {
	t.Parallel()
	record := load(t)
	unused, wide, err := record.granted(app, record.Used(app), map[string]string{"All": "for a test"})
	require.NoError(t, err)
	assert.Equal(t, []string{"ec2:Describe*"}, unused)
	assert.Equal(t, []string{
		"statement All of policy own: 2 actions on * were asked for certain resources alone (s3 2): for a test",
	}, wide)
}

func TestHowMuchWasUsedAndNotUsed(t *testing.T) {
	t.Parallel()
	counts, err := load(t).Counts()
	require.NoError(t, err)
	assert.Equal(t, []Count{{"app", 2, 1}}, counts)
}

func TestAnActionOfEachService(t *testing.T) {
	t.Parallel()
	record := load(t)
	for i := range record.Asked {
		if record.Asked[i].Role != "" {
			record.Asked[i].Role += "-bootstrap"
		}
	}
	chosen, err := (&runs{}).oneOfEach(record)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"s3": "s3:PutObject"}, chosen, "what makes something goes before what reads")
	_, err = (&runs{}).oneOfEach(load(t))
	assert.EqualError(t, err, "look for what the first role has asked: nothing")
}

func TestARecordThatIsNotThere(t *testing.T) {
	t.Parallel()
	_, err := Load(filepath.Join(t.TempDir(), "none"))
	assert.ErrorContains(t, err, "rehearse the stack first")
}
