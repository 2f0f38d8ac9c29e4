package emulator

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Cause is what a failure is attributed to.
type Cause string

// The causes.
const (
	// Lacking is what the emulator does not have, or failed at itself.
	Lacking Cause = "the emulator could not"
	// Refused is what the emulator understood and refused. AWS may take it all the same: its
	// documentation decides.
	Refused Cause = "the program, unless the emulator is stricter than AWS"
	// Elsewhere is a request that went past the emulator: its service is not among those that the
	// program points there.
	Elsewhere Cause = "the program: the request went past the emulator"
	// Unclear is what nothing here tells.
	Unclear Cause = "not told apart"
)

// Causes are all of them, in the order of a report.
var Causes = []Cause{Refused, Elsewhere, Unclear, Lacking}

// Verdict is what a failure's message says.
type Verdict struct {
	Cause Cause `json:"cause"`
	// Operation is AWS's, such as "GuardDuty CreateDetector"; empty where the message names none.
	Operation string `json:"operation,omitempty"`
	Why       string `json:"why"`
}

// The AWS SDK's own words, which the provider passes on: operation error ECS: CreateService, https
// response error StatusCode: 400, RequestID: ..., api error ClientException: what the service says.
// An error that the SDK has a type for comes without "api error".
var (
	operationError = regexp.MustCompile(`operation error ([^:]+): (\w+)`)
	statusCode     = regexp.MustCompile(`StatusCode: (\d+)`)
	apiError       = regexp.MustCompile(`api error ([\w.]+): ([^\n]*)`)
	typedError     = regexp.MustCompile(`RequestID: [\w-]*, (?:HostID: [^,]*, )?([A-Z][\w.]*): ([^\n]*)`)
	unreadable     = regexp.MustCompile(`deserialization failed|error while deserializing|failed to decode response`)
	unavailable    = regexp.MustCompile(
		`(?i)not (yet )?(been )?(implemented|emulated|supported)|not included within your|current license plan`)
	neverReady = regexp.MustCompile(
		`(?i)timeout while waiting for state|unexpected state |couldn't find resource|empty result|context deadline ` +
			`exceeded`)
	// Policies of AWS's own are there in every account.
	managedPolicy = regexp.MustCompile(`NoSuchEntity\b.*arn:aws:iam::aws:policy/\S+ does not exist`)
	// The rehearsal gives everything but the emulator a proxy that nobody serves.
	elsewhere = regexp.MustCompile(`proxyconnect tcp`)
)

// unknownCodes are the ways to say that there is no such operation. AWS's SDK asks for none that
// AWS lacks.
var unknownCodes = []string{
	"InvalidAction", "NotImplemented", "NotImplementedException", "NotYetImplemented", "UnknownAction", "UnknownError",
	"UnknownOperation", "UnknownOperationException",
}

// Judge reads the message of a failed operation on a resource.
func Judge(message string) Verdict {
	v := Verdict{}
	if named := operationError.FindStringSubmatch(message); named != nil {
		v.Operation = named[1] + " " + named[2]
	}
	status := 0
	if found := statusCode.FindStringSubmatch(message); found != nil {
		status, _ = strconv.Atoi(found[1]) // the pattern takes digits alone
	}
	var code, said string
	for _, form := range []*regexp.Regexp{apiError, typedError} {
		if found := form.FindStringSubmatch(message); found != nil && code == "" && found[1] != "HostID" {
			code, said = found[1], strings.TrimSpace(found[2])
		}
	}
	switch {
	case elsewhere.MatchString(message) || status == misdirected:
		v.Cause, v.Why = Elsewhere,
			"it asked AWS itself, which the rehearsal cuts off: point the service at the emulator too"
	case slices.Contains(unknownCodes, code) || status == 501 || unavailable.MatchString(message):
		v.Cause, v.Why = Lacking, "no such operation"
	case managedPolicy.MatchString(message):
		v.Cause, v.Why = Lacking, "it has not the managed policies of AWS"
	case unreadable.MatchString(message):
		v.Cause, v.Why = Lacking, "its answer cannot be read"
	case status >= 500:
		v.Cause, v.Why = Lacking, "it failed with status "+strconv.Itoa(status)
	case code != "":
		v.Cause, v.Why = Refused, code+": "+said
	case neverReady.MatchString(message):
		v.Cause, v.Why = Lacking,
			"what was made is never in the state that the provider waits for, or is not found again"
	default:
		v.Cause, v.Why = Unclear, firstLine(message)
	}
	return v
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
