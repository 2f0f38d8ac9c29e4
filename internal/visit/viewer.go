package visit

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Function is what the viewer function has done.
type Function struct {
	// Dropped are headers of the visitor that it took away, and Changed those that it wrote.
	Dropped []string          `json:"dropped,omitempty"`
	Changed map[string]string `json:"changed,omitempty"`
}

// viewerFunction is a CloudFront function for viewer requests; nil for a behaviour without one.
type viewerFunction struct{ program *goja.Program }

func readFunction(state plan.State) (*viewerFunction, error) {
	program, err := goja.Compile(state.Name(), state.Input("code").Text(), false)
	if err != nil {
		return nil, fmt.Errorf("compile function %s: %w", state.Name(), err)
	}
	return &viewerFunction{program}, nil
}

// sent is what a function returns: a request with headers, or an answer.
type sent struct {
	headers  http.Header
	function *Function
	answer   *Answer
}

// hiddenFromFunctions are headers that functions neither see nor may write, and readOnly those that
// they see.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
var (
	hiddenFromFunctions = []string{
		"Connection", "Expect", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection",
		"Trailer", "Upgrade",
		"X-Cache", "X-Forwarded-Proto", "X-Real-Ip",
	}
	readOnly = []string{"Content-Length", "Host", "Transfer-Encoding", "Via"}
)

// run calls the function with the event of a request.
func (f *viewerFunction) run(r *Request) (sent, error) {
	if f == nil {
		return sent{headers: r.Headers.Clone()}, nil
	}
	vm := goja.New()
	vm.SetFieldNameMapper(goja.UncapFieldNameMapper())
	if err := vm.Set("require", func(module string) (any, error) {
		if module != "crypto" {
			return nil, fmt.Errorf("module %q, of which this command knows nothing", module)
		}
		return &hashes{}, nil
	}); err != nil {
		return sent{}, err
	}
	if _, err := vm.RunProgram(f.program); err != nil {
		return sent{}, err
	}
	handler, ok := goja.AssertFunction(vm.Get("handler"))
	if !ok {
		return sent{}, fmt.Errorf("it has no function handler")
	}
	asked, err := event(vm, r)
	if err != nil {
		return sent{}, err
	}
	result, err := handler(goja.Undefined(), asked)
	if err != nil {
		return sent{}, err
	}
	out, _ := result.Export().(map[string]any)
	if _, answers := out["statusCode"]; answers {
		return sent{function: &Function{}, answer: answerOf(plan.ValueOf("", out))}, nil
	}
	return passedOn(r, plan.ValueOf("", out).At("headers").Object())
}

// event is what CloudFront calls a function with. Objects have their properties in the order in
// which the request has them, as CloudFront's do.
func event(vm *goja.Runtime, r *Request) (goja.Value, error) {
	headers, query, cookies := vm.NewObject(), vm.NewObject(), vm.NewObject()
	var failed error
	set := func(object *goja.Object, name string, value any) {
		failed = errors.Join(failed, object.Set(name, value))
	}
	valued := func(value string) *goja.Object {
		one := vm.NewObject()
		set(one, "value", value)
		return one
	}
	for _, name := range names(r.Headers) {
		if !slices.Contains(hiddenFromFunctions, name) {
			set(headers, strings.ToLower(name), valued(strings.Join(r.Headers[name], ",")))
		}
	}
	values := map[string][]any{}
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "" {
			continue
		}
		values[name] = append(values[name], valued(value))
		one := valued(value)
		if all := values[name]; len(all) > 1 {
			set(one, "multiValue", vm.NewArray(all...))
		}
		set(query, name, one)
	}
	request, whole := vm.NewObject(), vm.NewObject()
	for name, value := range map[string]any{
		"method": r.Method, "uri": r.URL.EscapedPath(), "querystring": query, "headers": headers, "cookies": cookies,
	} {
		set(request, name, value)
	}
	set(whole, "request", request)
	return whole, failed
}

func answerOf(out plan.Value) *Answer {
	status, _ := out.Raw().(map[string]any)["statusCode"].(int64)
	a := &Answer{
		Status:   int(status),
		By:       "the viewer function",
		Body:     "none",
		Location: out.At("headers.location.value").Text(),
	}
	if out.At("body.data").Text() != "" {
		a.Body = out.At("headers.content-type.value").Text()
	}
	return a
}

// passedOn compares what the function returned with what it was given.
func passedOn(r *Request, returned map[string]any) (sent, error) {
	out := sent{headers: r.Headers.Clone(), function: &Function{Changed: map[string]string{}}}
	for _, name := range names(r.Headers) {
		if _, kept := returned[strings.ToLower(name)]; !kept && !slices.Contains(hiddenFromFunctions, name) {
			if slices.Contains(readOnly, name) {
				return sent{}, fmt.Errorf("it deletes %s, which CloudFront refuses with status 502", name)
			}
			out.function.Dropped = append(out.function.Dropped, name)
			out.headers.Del(name)
		}
	}
	for name, raw := range returned {
		value := plan.ValueOf("", raw).At("value").Text()
		key := http.CanonicalHeaderKey(name)
		if strings.Join(r.Headers.Values(key), ",") == value {
			continue
		}
		if slices.Contains(hiddenFromFunctions, key) || slices.Contains(readOnly, key) {
			return sent{}, fmt.Errorf("it writes %s, which CloudFront refuses with status 502", key)
		}
		out.function.Changed[key] = value
		out.headers.Set(key, value)
	}
	return out, nil
}

// hashes is the module crypto, as far as functions of this project use it.
type hashes struct{}

type hash struct{ text string }

// CreateHash begins one of SHA-256.
func (*hashes) CreateHash(algorithm string) (*hash, error) {
	if algorithm != "sha256" {
		return nil, fmt.Errorf("algorithm %q, of which this command knows nothing", algorithm)
	}
	return &hash{}, nil
}

// Update adds text.
func (h *hash) Update(text string) *hash { return &hash{h.text + text} }

// Digest is the hash in hexadecimal.
func (h *hash) Digest(encoding string) (string, error) {
	if encoding != "hex" {
		return "", fmt.Errorf("encoding %q, of which this command knows nothing", encoding)
	}
	sum := sha256.Sum256([]byte(h.text))
	return hex.EncodeToString(sum[:]), nil
}
