package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bookmark-manager/infrastructure/internal/component"
	"github.com/bookmark-manager/infrastructure/internal/names"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// OriginSecretType is part of every child's URN; changing it replaces the secret.
const OriginSecretType = "bookmark-manager:edge:OriginSecret"

// OriginHeaderName is the header that CloudFront adds to its requests and that the load balancer
// asks for. CloudFront's network alone proves nothing: anybody can have a distribution that points
// here.
const OriginHeaderName = names.OriginHeader

// originSecretLength is within the 128 characters of a listener rule's condition.
const originSecretLength = 40

// OriginSecretConfig says which value of the secret is in use.
type OriginSecretConfig struct {
	// Rotation is a counter: each increase makes a new secret, and the one before it stays accepted
	// until the next increase.
	Rotation int `json:"rotation" range:"1.." hint:"raise it by one to rotate"`
}

// Validate reports every problem, with paths relative to the secret.
func (c OriginSecretConfig) Validate() settings.Problems { return settings.Check(c) }

// OriginSecret is the shared secret of the distribution and the load balancer.
type OriginSecret struct {
	pulumi.ResourceState

	// Current is what CloudFront sends; secret.
	Current pulumi.StringOutput
	// Accepted is what the load balancer takes: the current value and, after the first rotation,
	// the one before it, which CloudFront's edges still send until the distribution is deployed
	// everywhere; secret.
	Accepted pulumi.StringArrayOutput
}

// NewOriginSecret registers nothing when the configuration is invalid.
func NewOriginSecret(
	ctx *pulumi.Context, name string, config OriginSecretConfig, opts ...pulumi.ResourceOption,
) (*OriginSecret, error) {
	if err := config.Validate().Err(); err != nil {
		return nil, fmt.Errorf("origin secret %q: %w", name, err)
	}
	s := &OriginSecret{}
	base, err := component.Register(ctx, "origin secret", OriginSecretType, name, s, opts...)
	if err != nil {
		return nil, err
	}
	var accepted pulumi.StringArray
	for rotation := config.Rotation; rotation >= 1 && rotation >= config.Rotation-1; rotation-- {
		// Names carry the counter, so that a rotation leaves the value before it alone.
		value, err := random.NewRandomPassword(ctx, fmt.Sprintf("%s-%d", name, rotation), &random.RandomPasswordArgs{
			Length:  pulumi.Int(originSecretLength),
			Special: pulumi.Bool(false), // a listener rule reads * and ? as wildcards
		}, base.Parent())
		if err != nil {
			return nil, fmt.Errorf("create value %d of origin secret %q: %w", rotation, name, err)
		}
		if rotation == config.Rotation {
			s.Current = value.Result
		}
		accepted = append(accepted, value.Result)
	}
	s.Accepted = accepted.ToStringArrayOutput()
	return s, base.Outputs(pulumi.Map{})
}
