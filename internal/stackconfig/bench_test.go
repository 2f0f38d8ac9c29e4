package stackconfig

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/compute"
	"github.com/bookmark-manager/infrastructure/internal/recorder"
	"github.com/bookmark-manager/infrastructure/internal/settings"
	"github.com/bookmark-manager/infrastructure/internal/stacktest"
)

// sizes are numbers of services. Two is production as it is committed; the others add entries to
// its configuration.
var sizes = []int{2, 10, 25, 50}

// BenchmarkLoad is reading and checking the configuration, every section with the contradictions
// between them.
func BenchmarkLoad(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("services=%d", n), func(b *testing.B) {
			f := stacktest.Read(b, "prod").WithServices(b, n)
			b.ReportAllocs()
			require.NoError(b, recorder.New().Run(func(ctx *pulumi.Context) error {
				for b.Loop() {
					if _, err := Load(ctx); err != nil {
						return err
					}
				}
				return nil
			}, f, f.SecretKeys()...))
		})
	}
}

// BenchmarkDecode is the strict decoding of section "services".
func BenchmarkDecode(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("services=%d", n), func(b *testing.B) {
			raw := stacktest.Read(b, "prod").WithServices(b, n)["bookmark-manager:services"]
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				var services compute.Services
				if problems := settings.Decode(raw, &services); len(problems) > 0 {
					b.Fatal(problems)
				}
			}
		})
	}
}
