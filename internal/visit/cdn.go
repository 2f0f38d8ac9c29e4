package visit

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Behavior is how CloudFront handles a path.
type Behavior struct {
	// Path is its pattern; "*" for the default one.
	Path string `json:"path"`
	// Origin is the id of its origin.
	Origin string `json:"origin"`
}

// Cache is what is kept of the answer.
type Cache struct {
	// Cached says whether an edge may keep it.
	Cached bool `json:"cached"`
	// Key is what two requests must have in common to get the same answer.
	Key []string `json:"key,omitempty"`
	// MaxSeconds is the longest that it is kept; the origin's Cache-Control decides within it.
	MaxSeconds int `json:"maxSeconds,omitempty"`
}

// OriginRequest is what the origin gets.
type OriginRequest struct {
	// Kind is bucket or load balancer.
	Kind string `json:"kind"`
	Host string `json:"host"`
	Path string `json:"path"`
	// Query is the query string that is left.
	Query   string      `json:"query,omitempty"`
	Method  string      `json:"method"`
	Headers http.Header `json:"headers"`
	// Secret says that the origin's secret header goes along.
	Secret bool `json:"secret"`
}

const (
	bucketOrigin   = "bucket"
	balancerOrigin = "load balancer"
	secretValue    = "(secret)"
)

type distribution struct {
	webACL    plan.Value
	names     []string
	behaviors []*behavior // the default one last
	origins   map[string]origin
	internal  bool // it reaches the load balancer by a VPC origin
	errors    map[int]errorResponse
}

type origin struct {
	kind, domain string
	internal     bool     // by a VPC origin
	secret       []string // names of the headers that CloudFront adds
}

type errorResponse struct {
	keptSeconds, status int
	page                string
}

type behavior struct {
	path, origin, protocol string
	pattern                *regexp.Regexp
	methods, cachedMethods []string
	policy                 cachePolicy
	everything             bool // the origin gets all that the viewer sends
	viewer                 *viewerFunction
}

// cachePolicy is what makes up a cache key. Headers and query arguments are those in the key.
type cachePolicy struct {
	maxSeconds     int
	headers, query []string
	cookies        bool
	encodings      bool
}

// The ids of AWS's own policies, as AWS documents them.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
const (
	cachingDisabled  = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
	allViewer        = "216adef6-5c7f-47e2-b989-5492eafa07d3"
	year             = 31536000
)

func readDistribution(from source) (*distribution, error) {
	state, err := from.only(catalog.Distribution)
	if err != nil {
		return nil, err
	}
	d := &distribution{
		webACL: state.Input("webAclId"),
		names:  texts(state.Input("aliases")),
		errors: map[int]errorResponse{},
	}
	if own, ok := state.Outputs["domainName"].(string); ok {
		d.names = append(d.names, own)
	}
	if d.origins, err = readOrigins(from, state); err != nil {
		return nil, err
	}
	for _, one := range d.origins {
		d.internal = d.internal || one.internal
	}
	for _, one := range state.Input("customErrorResponses").List() {
		d.errors[number(one.At("errorCode"))] = errorResponse{
			number(one.At("errorCachingMinTtl")), number(one.At("responseCode")), one.At("responsePagePath").Text(),
		}
	}
	functions := map[string]*viewerFunction{}
	for _, one := range append(state.Input("orderedCacheBehaviors").List(), state.Input("defaultCacheBehavior")) {
		b, err := readBehavior(from, one, functions)
		if err != nil {
			return nil, err
		}
		if _, ok := d.origins[b.origin]; !ok {
			return nil, fmt.Errorf("%s: no origin %q", one.Path, b.origin)
		}
		d.behaviors = append(d.behaviors, b)
	}
	return d, nil
}

// readOrigins reads the origins themselves or, since a plan hides them with the secret header that
// is in one, what their component says of them.
func readOrigins(from source, state plan.State) (map[string]origin, error) {
	all := map[string]origin{}
	origins := state.Input("origins")
	if origins.Hidden() {
		for id, domain := range from.output(state, "originDomains").Object() {
			one := origin{kind: bucketOrigin, domain: fmt.Sprint(domain)}
			if id == "load-balancer" {
				one.kind, one.secret = balancerOrigin, []string{"X-Origin-Verify"}
				one.internal = from.output(state, "vpcOrigin").Text() == id
			}
			all[id] = one
		}
		if len(all) == 0 {
			return nil, fmt.Errorf("%w: the plan hides the origins with their secret, and their component has no "+
				"output originDomains yet", ErrNotDeployed)
		}
		return all, nil
	}
	for _, one := range origins.List() {
		made := origin{kind: bucketOrigin, domain: one.At("domainName").Text()}
		made.internal = one.At("vpcOriginConfig").Present()
		if made.internal || one.At("customOriginConfig").Present() {
			made.kind = balancerOrigin
		}
		for _, header := range one.At("customHeaders").List() {
			made.secret = append(made.secret, header.At("name").Text())
		}
		all[one.At("originId").Text()] = made
	}
	return all, nil
}

func readBehavior(from source, v plan.Value, functions map[string]*viewerFunction) (*behavior, error) {
	b := &behavior{
		path:          v.At("pathPattern").Text(),
		origin:        v.At("targetOriginId").Text(),
		protocol:      v.At("viewerProtocolPolicy").Text(),
		methods:       texts(v.At("allowedMethods")),
		cachedMethods: texts(v.At("cachedMethods")),
		everything:    v.At("originRequestPolicyId").Text() == allViewer,
	}
	if b.path == "" {
		b.path = "*"
	}
	quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(b.path))
	b.pattern = regexp.MustCompile("^" + quoted + "$")
	if other := v.At("originRequestPolicyId"); other.Present() && !b.everything {
		return nil, fmt.Errorf("%s is %q, which this command does not know", other.Path, other.Text())
	}
	var err error
	if b.policy, err = readCachePolicy(from, v.At("cachePolicyId")); err != nil {
		return nil, err
	}
	for _, one := range v.At("functionAssociations").List() {
		if one.At("eventType").Text() != "viewer-request" {
			return nil, fmt.Errorf("%s is %q, which this command does not know", one.Path, one.At("eventType").Text())
		}
		arn := one.At("functionArn")
		state, err := from.follow(arn, catalog.EdgeFunction)
		if err != nil {
			return nil, err
		}
		if functions[arn.Text()] == nil {
			if functions[arn.Text()], err = readFunction(state); err != nil {
				return nil, err
			}
		}
		b.viewer = functions[arn.Text()]
	}
	return b, nil
}

func readCachePolicy(from source, id plan.Value) (cachePolicy, error) {
	switch id.Text() {
	case cachingDisabled:
		return cachePolicy{}, nil
	case cachingOptimized:
		return cachePolicy{maxSeconds: year, encodings: true}, nil
	}
	state, err := from.follow(id, catalog.CachePolicy)
	if err != nil {
		return cachePolicy{}, err
	}
	key := state.Input("parametersInCacheKeyAndForwardedToOrigin")
	gzip, _ := key.At("enableAcceptEncodingGzip").Bool()
	brotli, _ := key.At("enableAcceptEncodingBrotli").Bool()
	return cachePolicy{
		maxSeconds: number(state.Input("maxTtl")),
		headers:    texts(key.At("headersConfig.headers.items")),
		query:      texts(key.At("queryStringsConfig.queryStrings.items")),
		cookies:    key.At("cookiesConfig.cookieBehavior").Text() != "none",
		encodings:  gzip && brotli,
	}, nil
}

// serves says whether a name is the distribution's.
func (d *distribution) serves(host string) bool { return slices.Contains(d.names, host) }

// behaviorOf is the first behaviour whose pattern the path matches, in the form in which CloudFront
// compares it: with escapes of plain characters, dot segments and double slashes resolved. The
// origin gets the path as it came.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
func (d *distribution) behaviorOf(raw string) *behavior {
	at := compared(raw)
	i := slices.IndexFunc(d.behaviors, func(b *behavior) bool { return b.pattern.MatchString(at) })
	return d.behaviors[i]
}

// plainEscape is an escape of a character that needs none.
var plainEscape = regexp.MustCompile(`(?i)%(2d|2e|5f|7e|3[0-9]|4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a])`)

func compared(raw string) string {
	plain := plainEscape.ReplaceAllStringFunc(raw, func(escape string) string {
		text, err := url.PathUnescape(escape)
		if err != nil {
			return escape
		}
		return text
	})
	clean := path.Clean(plain)
	if strings.HasSuffix(plain, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}

func (b *behavior) takes(method string) bool { return slices.Contains(b.methods, method) }

// cache says what is kept by what.
func (b *behavior) cache(r *Request, headers http.Header) *Cache {
	c := &Cache{Cached: b.policy.maxSeconds > 0 && slices.Contains(b.cachedMethods, r.Method)}
	if !c.Cached {
		return c
	}
	c.MaxSeconds = b.policy.maxSeconds
	c.Key = append(c.Key, "path "+r.URL.EscapedPath())
	for _, name := range b.policy.headers {
		c.Key = append(c.Key, "header "+name+" "+headers.Get(name))
	}
	if query := b.policy.left(r.URL.RawQuery); query != "" {
		c.Key = append(c.Key, "query "+query)
	}
	if b.policy.encodings {
		c.Key = append(c.Key, "encoding "+encoding(headers.Get("Accept-Encoding")))
	}
	return c
}

// left is what of a query string the policy takes.
func (p cachePolicy) left(query string) string {
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(pair, "="); slices.Contains(p.query, name) {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}

// encoding is what CloudFront makes of Accept-Encoding.
func encoding(accept string) string {
	var all []string
	for _, one := range []string{"br", "gzip"} {
		if strings.Contains(accept, one) {
			all = append(all, one)
		}
	}
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ",")
}

// notForwarded are headers that CloudFront takes away or writes by itself.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
var notForwarded = []string{
	"Connection", "Expect", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te",
	"Trailer", "Transfer-Encoding",
	"Upgrade", "X-Cache", "X-Forwarded-Proto", "X-Real-Ip",
}

// send is the request that the origin gets.
func (d *distribution) send(b *behavior, r *Request, headers http.Header) *OriginRequest {
	to := d.origins[b.origin]
	out := &OriginRequest{
		Kind:    to.kind,
		Host:    to.domain,
		Path:    r.URL.EscapedPath(),
		Method:  r.Method,
		Headers: http.Header{},
	}
	if b.everything {
		out.Host, out.Query = headers.Get("Host"), r.URL.RawQuery
		for _, name := range names(headers) {
			if !slices.Contains(notForwarded, name) && !strings.HasPrefix(name, "X-Amz-Cf-") &&
				!strings.HasPrefix(name, "X-Edge-") {
				out.Headers[name] = headers[name]
			}
		}
		// VPC origins carry no WebSockets. What becomes of the request that asks for one is not
		// verified; here the origin gets it as any other.
		// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
		if r.upgrades() && !to.internal {
			out.Headers.Set("Connection", "Upgrade")
			out.Headers.Set("Upgrade", "websocket")
		}
	} else {
		out.Query = b.policy.left(r.URL.RawQuery)
		for _, name := range b.policy.headers {
			if value := headers.Get(name); value != "" {
				out.Headers.Set(name, value)
			}
		}
		if b.policy.encodings && headers.Get("Accept-Encoding") != "" {
			out.Headers.Set("Accept-Encoding", encoding(headers.Get("Accept-Encoding")))
		}
		out.Headers.Set("User-Agent", "Amazon CloudFront")
	}
	out.Headers.Del("Host")
	out.Headers.Set("X-Forwarded-For", strings.TrimPrefix(headers.Get("X-Forwarded-For")+", "+r.Viewer.String(), ", "))
	for _, name := range to.secret {
		out.Headers.Set(name, secretValue)
		out.Secret = true
	}
	return out
}

// outcome is what an origin does.
type outcome struct {
	when   string
	status int
	by     string
}

var (
	taskOutcomes = []outcome{
		{"the task answers", 200, "the task"},
		{"the task finds nothing", 404, "the task"},
		{"the task fails", 500, "the task"},
		{"the task sheds load", 503, "the task"},
		{"no task is registered", 503, "the load balancer"},
		{"the task closes the connection", 502, "the load balancer"},
		{"the task takes too long", 504, "the load balancer"},
	}
	bucketOutcomes = []outcome{
		{"the object is there", 200, "the bucket"},
		{"the object is missing", 403, "the bucket"},
		{"the bucket fails", 503, "the bucket"},
	}
)

// answers are what the visitor gets of outcomes.
func (d *distribution) answers(kept *Cache, outcomes []outcome) []Answer {
	var all []Answer
	for _, one := range outcomes {
		a := Answer{
			When:   one.when,
			Status: one.status,
			By:     one.by,
			Body:   "its own",
		}
		if one.status < http.StatusBadRequest {
			a.KeptSeconds = kept.MaxSeconds
		} else {
			a = *d.failed(a)
			if _, ruled := d.errors[one.status]; !ruled && kept.Cached && one.status != http.StatusForbidden {
				a.KeptSeconds = defaultErrorSeconds
			}
		}
		all = append(all, a)
	}
	return all
}

// defaultErrorSeconds is how long CloudFront keeps an error that no response is set for.
const defaultErrorSeconds = 10

// failed puts the page of an error in its place.
func (d *distribution) failed(a Answer) *Answer {
	if response, ok := d.errors[a.Status]; ok {
		a.KeptSeconds = response.keptSeconds
		if response.page != "" {
			a.Body, a.Status = response.page, response.status
		}
	}
	return &a
}
