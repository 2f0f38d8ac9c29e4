package drill

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func decoded(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &object))
	return object
}

func TestPatternsOfEventBridge(t *testing.T) {
	event := decoded(t, `{"source":"aws.ecs","resources":["arn:one","arn:two"],
		"detail":{"code":1,"reason":"CannotPullContainerError: no","containers":[{"name":"a"},{"name":"b",
		 "reason":"OutOfMemoryError"}]}}`)
	for pattern, want := range map[string]bool{
		`{"source":["aws.ecs"]}`:                                                               true,
		`{"source":["aws.rds","aws.ecs"]}`:                                                     true,
		`{"source":["aws.rds"]}`:                                                               false,
		`{"other":["aws.rds"]}`:                                                                false,
		`{"source":["aws.ecs"],"detail":{"code":[2]}}`:                                         false,
		`{"detail":{"code":[1]}}`:                                                              true,
		`{"resources":["arn:two"]}`:                                                            true,
		`{"resources":[{"prefix":"arn:"}]}`:                                                    true,
		`{"resources":[{"prefix":"urn:"}]}`:                                                    false,
		`{"detail":{"containers":{"reason":[{"prefix":"OutOf"}]}}}`:                            true,
		`{"detail":{"containers":{"name":["c"]}}}`:                                             false,
		`{"detail":{"$or":[{"code":[2]},{"reason":[{"prefix":"CannotPull"}]}]}}`:               true,
		`{"detail":{"$or":[{"code":[2]},{"reason":[{"prefix":"Other"}]}]}}`:                    false,
		`{"detail":{"code":[{"numeric":[">",0]}]}}`:                                            true,
		`{"detail":{"code":[{"numeric":[">=",1,"<",2]}]}}`:                                     true,
		`{"detail":{"code":[{"numeric":[">",0,"<",1]}]}}`:                                      false,
		`{"detail":{"reason":[{"numeric":[">",0]}]}}`:                                          false,
		`{"detail":{"reason":[{"suffix":"no"}]}}`:                                              false, // not known here
		`{"source":["aws.ecs"],"detail":{"$or":[{"code":[1]}],"reason":[{"prefix":"Other"}]}}`: false,
	} {
		assert.Equal(t, want, matches(decoded(t, pattern), event), pattern)
	}
}

func TestWhatADescriptionPromises(t *testing.T) {
	minutes, err := promised("CPU is high. Told within 12 minutes. First: look.")
	require.NoError(t, err)
	assert.Equal(t, 12, minutes)
	_, err = promised("CPU is high.")
	require.ErrorContains(t, err, "its description does not say within how many minutes")
}

func TestACertificateIsRenewedWithinTheWeek(t *testing.T) {
	for day, want := range map[int]int{-1: 48, 0: 47, 1: 46, 2: 45, 3: 198, 6: 195} {
		assert.Equal(t, want, certificateDays(minuteOf(day, 12, 0)), day)
	}
}
