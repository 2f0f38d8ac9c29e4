package aws

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkProvider asks the model of AWS what the engine asks for a security group rule, among
// others that a rule of the model compares it with. A stack with 50 services has about 500 of
// either direction.
func BenchmarkProvider(b *testing.B) {
	for _, n := range []int{10, 500} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			w := newWorld(b)
			vpc := w.network().vpc.id
			inputs := func(group string, port int) in {
				return in{
					"securityGroupId": group,
					"ipProtocol":      "tcp",
					"fromPort":        port,
					"toPort":          port,
					"cidrIpv4":        "0.0.0.0/0",
				}
			}
			group := w.group(vpc, "group").id
			for i := range n {
				if i%50 == 0 && i > 0 { // a group has 60 rules at most
					group = w.group(vpc, fmt.Sprint("group-", i)).id
				}
				w.make(ingressRuleType, fmt.Sprint("rule-", i), inputs(group, 1000+i))
			}
			one := w.make(ingressRuleType, "one", inputs(group, 443))
			for name, ask := range map[string]func() error{
				"check": func() error { return second(w.check(ingressRuleType, "another", inputs(group, 80))) },
				"diff": func() error {
					w.diff(one, inputs(group, 8443))
					return nil
				},
				"preview": func() error { return second(w.preview(ingressRuleType, "another", inputs(group, 80))) },
				"create and delete": func() error {
					made, err := w.try(ingressRuleType, "another", inputs(group, 80))
					if err != nil {
						return err
					}
					return w.delete(made)
				},
			} {
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						require.NoError(b, ask())
					}
				})
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }
