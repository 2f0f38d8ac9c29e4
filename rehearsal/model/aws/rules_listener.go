package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
)

// tlsPolicies are the security policies of HTTPS listeners that the model knows.
var tlsPolicies = []string{
	"ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-FS-1-2-Res-2020-10", "ELBSecurityPolicy-TLS13-1-2-2021-06",
	"ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-TLS13-1-3-2021-06",
}

// listenerRules are about the listeners of load balancers and their rules.
var listenerRules = []provider.Rule{
	{
		Name:  "a listener of a known load balancer",
		Types: []string{listenerType},
		When:  provider.OnWrite,
		Why:   "ELB error codes: LoadBalancerNotFound",
		Check: references("loadBalancerArn", loadBalancerType,
			"LoadBalancerNotFound: One or more load balancers not found: %s"),
	},
	{
		Name:  "one listener a port",
		Types: []string{listenerType},
		When:  provider.OnWrite,
		Why:   "ELB error codes: DuplicateListener",
		Check: func(r *provider.Request) error {
			of := r.Inputs.Text("loadBalancerArn")
			for _, other := range r.Others(listenerType) {
				in := provider.Values(other.Inputs)
				if of != "" && in.Text("loadBalancerArn") == of && in.Text("port") == r.Inputs.Text("port") {
					return fmt.Errorf("DuplicateListener: A listener already exists on this port for this load "+
						"balancer '%s'", of)
				}
			}
			return nil
		},
	},
	{
		Name:  "certificates are for HTTPS",
		Types: []string{listenerType},
		When:  provider.OnCheck,
		Why:   "ELB CreateListener: CertificateNotFound, ValidationError",
		Check: func(r *provider.Request) error {
			protocol := r.Inputs.Text("protocol")
			switch has := r.Inputs.Has("certificateArn"); {
			case protocol == "HTTPS" && !has:
				return fmt.Errorf("ValidationError: A certificate must be specified for HTTPS listeners")
			case (protocol == "HTTP" || protocol == "") && has:
				return fmt.Errorf("ValidationError: A certificate cannot be specified for HTTP listeners")
			}
			return nil
		},
	},
	{
		Name:  "a listener with an issued certificate of the region",
		Types: []string{listenerType},
		When:  provider.OnWrite,
		Why:   "ELB error codes: CertificateNotFound, UnsupportedCertificate",
		Check: func(r *provider.Request) error {
			arn := r.Inputs.Text("certificateArn")
			if arn == "" {
				return nil
			}
			certificate := r.ByARN(arn)
			switch {
			case r.Missing(certificate) ||
				certificate != nil && (certificate.Type != certificateType || certificate.Region != r.Region):
				return fmt.Errorf("CertificateNotFound: Certificate '%s' not found", arn)
			case certificate != nil && !r.Preview && notIssued(r, certificate) != "":
				return fmt.Errorf("UnsupportedCertificate: The certificate '%s' must have a fully-qualified domain "+
					"name, a supported signature, and a supported key size.", arn)
			}
			return nil
		},
	},
	{
		Name:  "a listener's security policy",
		Types: []string{listenerType},
		When:  provider.OnCheck,
		Why:   "ELB error codes: SSLPolicyNotFound",
		Check: func(r *provider.Request) error {
			if name := r.Inputs.Text("sslPolicy"); name != "" && !slices.Contains(tlsPolicies, name) {
				return fmt.Errorf("SSLPolicyNotFound: SSL policy '%s' not found: the model knows %s", name,
					strings.Join(tlsPolicies, ", "))
			}
			return nil
		},
	},
	{
		Name:  "a rule of a known listener",
		Types: []string{listenerRuleType},
		When:  provider.OnWrite,
		Why:   "ELB error codes: ListenerNotFound",
		Check: references("listenerArn", listenerType, "ListenerNotFound: One or more listeners not found: %s"),
	},
	{
		Name:  "one rule a priority",
		Types: []string{listenerRuleType},
		When:  provider.OnWrite,
		Why:   "ELB error codes: PriorityInUse",
		Check: func(r *provider.Request) error {
			of, priority := r.Inputs.Text("listenerArn"), r.Inputs.Text("priority")
			for _, other := range r.Others(listenerRuleType) {
				of2 := provider.Values(other.Outputs)
				if of != "" && priority != "" && of2.Text("listenerArn") == of && of2.Text("priority") == priority {
					return fmt.Errorf("PriorityInUse: Priority '%s' is currently in use", priority)
				}
			}
			return nil
		},
	},
	{
		Name:  "rules of a load balancer",
		Types: []string{listenerRuleType},
		When:  provider.OnCreate,
		Why:   "ELB quotas: rules per load balancer, as an account has it at first; error codes: TooManyRules",
		Check: func(r *provider.Request) error {
			of, rules := balancerOf(r, r.Inputs), 1
			for _, other := range r.Others(listenerRuleType) {
				if balancerOf(r, provider.Values(other.Inputs)) == of {
					rules++
				}
			}
			if of != "" && rules > rulesPerBalancer {
				return fmt.Errorf("TooManyRules: The maximum number of rules on load balancer '%s' has been reached",
					of)
			}
			return nil
		},
	},
	{
		Name:  "a rule's priority",
		Types: []string{listenerRuleType},
		When:  provider.OnCheck,
		Why:   "ELB CreateRule: Priority",
		Check: func(r *provider.Request) error {
			if n, ok := r.Inputs.Number("priority"); ok && (n < 1 || n > lastPriority) {
				return fmt.Errorf("expected priority to be in the range (1 - %d), got %g", lastPriority, n)
			}
			return nil
		},
	},
	{
		Name:  "five values a rule",
		Types: []string{listenerRuleType},
		When:  provider.OnCheck,
		Why:   "ELB quotas: condition values per rule",
		Check: func(r *provider.Request) error {
			if n := len(conditionValues(r.Inputs)); n > valuesPerRule {
				return fmt.Errorf("TooManyConditionValues: A rule can only have '%d' condition values, got %d",
					valuesPerRule, n)
			}
			return nil
		},
	},
	{
		Name:  "six wildcards a rule",
		Types: []string{listenerRuleType},
		When:  provider.OnCheck,
		Why:   "ELB quotas: condition wildcards per rule",
		Check: func(r *provider.Request) error {
			n := 0
			for _, value := range conditionValues(r.Inputs) {
				n += strings.Count(value, "*") + strings.Count(value, "?")
			}
			if n > wildcardsPerRule {
				return fmt.Errorf("TooManyWildcards: A rule can only have '%d' wildcards in its conditions, got %d",
					wildcardsPerRule, n)
			}
			return nil
		},
	},
	{
		Name:  "clients bound to a task are bound to its group",
		Types: []string{listenerRuleType, listenerType},
		When:  provider.OnWrite,
		Why: "ELB: target group stickiness behind a rule with several groups needs the rule's; the error as seen in " +
			"https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2734",
		Check: func(r *provider.Request) error {
			for _, arn := range sharedWithoutStickiness(r.Inputs) {
				if group := r.Find(targetGroupType, arn); group != nil && binds(provider.Values(group.Outputs)) {
					return fmt.Errorf("InvalidConfigurationRequest: You must enable group stickiness on a rule if "+
						"you enabled target "+
						"stickiness on one of its target groups: '%s'", arn)
				}
			}
			return nil
		},
	},
	{
		Name:  "bind clients to a task behind a rule that binds them to its group",
		Types: []string{targetGroupType},
		When:  provider.OnUpdate,
		Why: "ELB ModifyTargetGroupAttributes: InvalidConfigurationRequest, as seen in " +
			"https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2734",
		Check: func(r *provider.Request) error {
			if !binds(r.Inputs) {
				return nil
			}
			for _, typ := range []string{listenerType, listenerRuleType} {
				for _, rule := range r.List(typ) {
					if slices.Contains(sharedWithoutStickiness(provider.Values(rule.Inputs)), r.Old.ID) {
						return fmt.Errorf("InvalidConfigurationRequest: This target group appears behind a rule "+
							"with group stickiness "+
							"disabled (%s). You must enable group stickiness before enabling target stickiness",
							rule.ID)
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "a target group behind one load balancer",
		Types: []string{listenerType, listenerRuleType},
		When:  provider.OnWrite,
		Why:   "ELB error codes: TargetGroupAssociationLimit",
		Check: func(r *provider.Request) error {
			of := balancerOf(r, r.Inputs)
			for _, typ := range []string{listenerType, listenerRuleType} {
				for _, other := range r.List(typ) {
					in := provider.Values(other.Inputs)
					if of == "" || r.Itself(other) || balancerOf(r, in) == of {
						continue
					}
					for _, arn := range forwardsTo(r.Inputs) {
						if slices.Contains(forwardsTo(in), arn) {
							return fmt.Errorf("TargetGroupAssociationLimit: The following target groups cannot be "+
								"associated with more than one load balancer: %s", arn)
						}
					}
				}
			}
			return nil
		},
	},
	{
		Name:  "forward to known target groups",
		Types: []string{listenerType, listenerRuleType},
		When:  provider.OnWrite,
		Why:   "ELB error codes: TargetGroupNotFound",
		Check: func(r *provider.Request) error {
			for _, arn := range forwardsTo(r.Inputs) {
				if r.Missing(r.Find(targetGroupType, arn)) {
					return fmt.Errorf("TargetGroupNotFound: One or more target groups not found: %s", arn)
				}
			}
			return nil
		},
	},
}

// balancerOf is the ARN of the load balancer of a listener or of a rule, by its inputs; empty where
// it is not known.
func balancerOf(r *provider.Request, inputs provider.Values) string {
	if arn := inputs.Text("loadBalancerArn"); arn != "" {
		return arn
	}
	if listener := r.Find(listenerType, inputs.Text("listenerArn")); listener != nil {
		return listener.Text("loadBalancerArn")
	}
	return ""
}

// forwardsTo lists the target groups that a listener or a rule sends requests to.
func forwardsTo(inputs provider.Values) []string {
	var arns []string
	for _, property := range []string{"actions", "defaultActions"} {
		for _, action := range inputs.Objects(property) {
			if arn := action.Text("targetGroupArn"); arn != "" {
				arns = append(arns, arn)
			}
			for _, group := range action.Object("forward").Objects("targetGroups") {
				if arn := group.Text("arn"); arn != "" {
					arns = append(arns, arn)
				}
			}
		}
	}
	return arns
}

// binds reports whether a target group keeps a client with one of its targets.
func binds(group provider.Values) bool { return group.Object("stickiness").Is("enabled", false) }

// sharedWithoutStickiness lists the target groups that a listener or a rule shares requests out to
// without keeping a client with one of them.
func sharedWithoutStickiness(inputs provider.Values) []string {
	var arns []string
	for _, property := range []string{"actions", "defaultActions"} {
		for _, action := range inputs.Objects(property) {
			forward := action.Object("forward")
			groups := forward.Objects("targetGroups")
			if len(groups) < 2 || forward.Object("stickiness").Is("enabled", false) {
				continue
			}
			for _, group := range groups {
				arns = append(arns, group.Text("arn"))
			}
		}
	}
	return arns
}

// conditionValues are all values of a rule's conditions.
func conditionValues(inputs provider.Values) []string {
	var values []string
	for _, condition := range inputs.Objects("conditions") {
		for _, kind := range []string{"hostHeader", "httpHeader", "httpRequestMethod", "pathPattern", "sourceIp"} {
			values = append(values, condition.Object(kind).Texts("values")...)
		}
		for _, query := range condition.Objects("queryStrings") {
			values = append(values, query.Text("value"))
		}
	}
	return values
}
