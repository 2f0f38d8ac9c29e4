package visit

import (
	"fmt"
	"io"
	"strings"
)

// Outcome is the visit in one line, such as "403 by the web ACL (common)" or "web:3000".
func (v *Visit) Outcome() string {
	switch {
	case v.Firewall != nil && v.Firewall.Action == actionBlock:
		return fmt.Sprintf("%d by the web ACL (%s)", v.Answer.Status, v.Firewall.By)
	case v.Answer != nil && v.Answer.Location != "":
		return fmt.Sprintf("%d to %s", v.Answer.Status, v.Answer.Location)
	case v.Answer != nil:
		return fmt.Sprintf("%d by %s", v.Answer.Status, v.Answer.By)
	case v.Listener == nil:
		return "the " + v.Origin.Kind
	case v.Listener.Service == "":
		return fmt.Sprintf("%d by the load balancer", v.Listener.Status)
	default:
		return fmt.Sprintf("%s:%d", v.Listener.Service, v.Listener.Port)
	}
}

// Tell writes the visit as a story for people.
func (v *Visit) Tell(w io.Writer) error {
	var b strings.Builder
	say := func(part, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s %s\n", part, fmt.Sprintf(format, args...))
	}
	say("request", "%s %s (%s) from %s in %s", v.Request.Method, v.Request.Address, v.Request.Version,
		v.Request.Viewer, v.Request.Country)
	if f := v.Firewall; f != nil {
		say("web ACL", "%s by %s", f.Action, f.By)
		if f.Capacity > 0 {
			say("", "%d of its %d capacity units are used", f.Capacity, IncludedCapacity)
		}
		for _, rule := range f.Rules {
			if rule.Verdict == passes && len(rule.Matched) == 0 && !rule.Outside {
				continue
			}
			verdict := rule.Verdict
			if rule.Outside {
				verdict = "does not look at it"
			}
			say("", "%s: %s%s", rule.Name, verdict, because(rule))
		}
	}
	if v.Behavior != nil {
		say("behaviour", "%s, origin %s", v.Behavior.Path, v.Behavior.Origin)
	}
	if f := v.Function; f != nil && v.Answer == nil {
		done := "nothing"
		if len(f.Dropped) > 0 || len(f.Changed) > 0 {
			done = strings.TrimSpace(fmt.Sprintf("drops %v, writes %v", f.Dropped, f.Changed))
		}
		say("function", "%s", done)
	}
	if c := v.Cache; c != nil && c.Cached {
		say("cache", "kept for at most %d s by %s", c.MaxSeconds, strings.Join(c.Key, "; "))
	} else if c != nil {
		say("cache", "never kept")
	}
	if o := v.Origin; o != nil {
		query := ""
		if o.Query != "" {
			query = "?" + o.Query
		}
		say("origin", "%s: %s %s%s, Host %s", o.Kind, o.Method, o.Path, query, o.Host)
		for _, name := range names(o.Headers) {
			say("", "%s: %s", name, strings.Join(o.Headers[name], ", "))
		}
	}
	if l := v.Listener; l != nil && l.Service != "" {
		var shares []string
		for _, one := range l.Targets {
			shares = append(shares, fmt.Sprintf("%s %d %%", one.Group, one.Share))
		}
		say("listener", "rule %s (priority %d) to %s, port %d: %s", l.Rule, l.Priority, l.Service, l.Port,
			strings.Join(shares, ", "))
	} else if l != nil {
		say("listener", "no rule takes it: %d", l.Status)
	}
	for _, a := range v.all() {
		say("answer", "%s", a)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func because(rule RuleVerdict) string {
	var parts []string
	if len(rule.Matched) > 0 {
		parts = append(parts, strings.Join(rule.Matched, ", "))
	}
	if len(rule.Labels) > 0 {
		parts = append(parts, "labels "+strings.Join(rule.Labels, ", "))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

func (v *Visit) all() []Answer {
	if v.Answer != nil {
		return []Answer{*v.Answer}
	}
	return v.Answers
}

// String is the answer in a line.
func (a Answer) String() string {
	text := fmt.Sprintf("%d by %s", a.Status, a.By)
	if a.When != "" {
		text = a.When + ": " + text
	}
	if a.Location != "" {
		return text + ", to " + a.Location
	}
	text += ", body " + a.Body
	if a.KeptSeconds > 0 {
		text += fmt.Sprintf(", kept for %d s", a.KeptSeconds)
	}
	return text
}
