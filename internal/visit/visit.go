// Package visit follows one request of a visitor over a stack's plan, from CloudFront to a task and
// back: what each rule of the web ACL says, which behaviour and cache key it has, what the viewer
// function makes of it, what the origin gets, which listener rule and task take it, and what comes
// back when the task answers, errs or is not there.
//
// It reads nothing but the plan, and knows of AWS what AWS documents. Of the managed rule groups it
// has the rules that the documentation describes, with libinjection where AWS speaks of scripts and
// SQL: AWS's own groups run nowhere else, and their verdict on a borderline text may differ.
package visit

import (
	"errors"
	"fmt"

	"github.com/bookmark-manager/infrastructure/internal/plan"
)

// Visit is the way of one request. A part that the request does not reach is nil.
type Visit struct {
	Request  *Request       `json:"request"`
	Firewall *Firewall      `json:"firewall,omitempty"`
	Behavior *Behavior      `json:"behavior,omitempty"`
	Function *Function      `json:"function,omitempty"`
	Cache    *Cache         `json:"cache,omitempty"`
	Origin   *OriginRequest `json:"origin,omitempty"`
	Listener *Listener      `json:"listener,omitempty"`
	// Answer is what the visitor gets when the way ends before an origin.
	Answer *Answer `json:"answer,omitempty"`
	// Answers are what the visitor gets by what the origin does; empty when the way ends before it.
	Answers []Answer `json:"answers,omitempty"`
}

// Answer is what a visitor gets.
type Answer struct {
	// When is what the origin does; empty for an answer before it.
	When string `json:"when,omitempty"`
	// Status is the HTTP status that the visitor sees.
	Status int `json:"status"`
	// By says who answers: CloudFront, the web ACL, the viewer function, the origin.
	By string `json:"by"`
	// Body says what is in it.
	Body string `json:"body"`
	// Location is where a redirect leads.
	Location string `json:"location,omitempty"`
	// KeptSeconds is how long an edge gives the same answer to others; of a success the most.
	KeptSeconds int `json:"keptSeconds"`
}

// ErrNotDeployed is returned for a plan whose references are not known yet.
var ErrNotDeployed = errors.New("the plan is of a stack that is not deployed")

// Site is what a plan says of the way of a request.
type Site struct {
	cdn      *distribution
	acl      *webACL
	balancer *balancer
}

// Read reads a plan's resources, as plan.Preview.Resources returns them. It refuses one without a
// distribution, web ACL or listener, one that names a kind of rule that this package does not know,
// and one that does not know yet what refers to what.
func Read(resources []plan.State) (*Site, error) {
	from := newSource(resources)
	cdn, err := readDistribution(from)
	if err != nil {
		return nil, fmt.Errorf("read the distribution: %w", err)
	}
	acl, err := readWebACL(from, cdn.webACL)
	if err != nil {
		return nil, fmt.Errorf("read the web ACL: %w", err)
	}
	balancer, err := readBalancer(from, cdn.internal)
	if err != nil {
		return nil, fmt.Errorf("read the load balancer: %w", err)
	}
	return &Site{cdn, acl, balancer}, nil
}

// Follow follows a request.
func (s *Site) Follow(request *Request) (*Visit, error) {
	v := &Visit{Request: request}
	switch {
	case request.host() == "":
		v.Answer = &Answer{Status: 400, By: "CloudFront", Body: "its own error: no Host"}
		return v, nil
	case !s.cdn.serves(request.host()):
		v.Answer = &Answer{
			Status: 403,
			By:     "CloudFront",
			Body:   "its own error: no distribution has the name " + request.host(),
		}
		return v, nil
	case len(request.URL.RequestURI()) > longestURL:
		v.Answer = &Answer{Status: 414, By: "CloudFront", Body: "its own error: the URL is longer than 8,192 bytes"}
		return v, nil
	}
	var err error
	if v.Firewall, err = s.acl.judge(request); err != nil {
		return nil, fmt.Errorf("ask the web ACL: %w", err)
	}
	if v.Firewall.Action == actionBlock {
		v.Answer = s.cdn.failed(Answer{Status: v.Firewall.Status, By: "the web ACL", Body: "its own error"})
		return v, nil
	}
	behavior := s.cdn.behaviorOf(request.URL.EscapedPath())
	v.Behavior = &Behavior{Path: behavior.path, Origin: behavior.origin}
	if request.URL.Scheme == "http" && behavior.protocol == "redirect-to-https" {
		to := *request.URL
		to.Scheme, to.Host = "https", request.host()
		v.Answer = &Answer{
			Status:   301,
			By:       "CloudFront",
			Body:     "none",
			Location: to.String(),
		}
		return v, nil
	}
	if !behavior.takes(request.Method) {
		v.Answer = s.cdn.failed(Answer{
			Status: 403,
			By:     "CloudFront",
			Body:   "its own error: the path does not take " + request.Method,
		})
		return v, nil
	}
	sent, err := behavior.viewer.run(request)
	if err != nil {
		return nil, fmt.Errorf("run the viewer function: %w", err)
	}
	v.Function = sent.function
	if sent.answer != nil {
		v.Answer = sent.answer
		return v, nil
	}
	v.Cache = behavior.cache(request, sent.headers)
	v.Origin = s.cdn.send(behavior, request, sent.headers)
	if v.Origin.Kind == bucketOrigin {
		v.Answers = s.cdn.answers(v.Cache, bucketOutcomes)
		return v, nil
	}
	v.Listener = s.balancer.route(v.Origin)
	outcomes := taskOutcomes
	if v.Listener.Service == "" {
		outcomes = []outcome{{"the load balancer takes no such request", v.Listener.Status, "the load balancer"}}
	}
	v.Answers = s.cdn.answers(v.Cache, outcomes)
	return v, nil
}

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
const longestURL = 8192
