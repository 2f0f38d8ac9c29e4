package docs

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// standIn is an aws that knows one stream and the objects of a directory, and keeps what is put
// into the stream.
const standIn = `#!/bin/sh
case "$1 $2" in
  "cloudwatch describe-alarms") echo datadog-delivery-1234567 ;;
  "s3 ls") for name in $(cd "$OBJECTS" && find . -type f | sort); do echo "2026-11-20 04:00:00 123 ${name#./}"; done ;;
  "s3 cp") cat "$OBJECTS/${3#s3://logs/}" ;;
  "firehose put-record") cat >> "$OBJECTS/../sent"; echo "$4" >> "$OBJECTS/../streams"; echo 49 ;;
  *) echo "no such command: $*" >&2; exit 1 ;;
esac
`

// zipped is text as CloudWatch Logs and Firehose compress it.
func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var written bytes.Buffer
	w := gzip.NewWriter(&written)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return written.Bytes()
}

// The runbook's commands give the stream the records that Firehose put into the bucket, and those
// of the day alone.
func TestRefusedLinesAreGivenBackToTheStream(t *testing.T) {
	page, err := os.ReadFile("operations.md")
	require.NoError(t, err)
	commands := regexp.MustCompile("(?s)```\n(day=2026/11/20\n.*?)```").FindStringSubmatch(string(page))
	require.NotNil(t, commands, "operations.md has no commands that begin with a day")

	dir := t.TempDir()
	objects := filepath.Join(dir, "objects")
	var want []string
	for day, object := range map[string]string{"19": "a", "20": "b"} {
		var lines strings.Builder
		for i := range 2 {
			envelope := fmt.Sprintf(`{"logGroup":"/ecs/web","logEvents":[{"message":"say \"%s%d\""}]}`, object, i)
			if day == "20" {
				want = append(want, envelope)
			}
			line, err := json.Marshal(map[string]any{
				"attemptsMade": 5, "errorCode": "HttpEndpoint.InvalidStatusCode", "errorMessage": `status "403"`,
				"rawData": base64.StdEncoding.EncodeToString(zipped(t, envelope)),
			})
			require.NoError(t, err)
			lines.Write(append(line, '\n'))
		}
		place := filepath.Join(objects, "datadog/http-endpoint-failed/2026/11", day, "04")
		require.NoError(t, os.MkdirAll(place, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(place, object), zipped(t, lines.String()), 0o644))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "aws"), []byte(standIn), 0o755))

	shell := exec.Command("bash", "-c", commands[1])
	shell.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "OBJECTS="+objects, "bucket=logs")
	said, err := shell.CombinedOutput()
	require.NoError(t, err, string(said))
	assert.NotContains(t, string(said), "not sent")

	var sent []string
	put, err := os.ReadFile(filepath.Join(dir, "sent"))
	require.NoError(t, err)
	for records := json.NewDecoder(bytes.NewReader(put)); records.More(); {
		var record struct{ Data []byte }
		require.NoError(t, records.Decode(&record))
		unzipped, err := gzip.NewReader(bytes.NewReader(record.Data))
		require.NoError(t, err)
		var envelope bytes.Buffer
		_, err = envelope.ReadFrom(unzipped)
		require.NoError(t, err)
		sent = append(sent, envelope.String())
	}
	assert.Equal(t, want, sent)
	streams, err := os.ReadFile(filepath.Join(dir, "streams"))
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("datadog-delivery-1234567\n", len(want)), string(streams))
}
