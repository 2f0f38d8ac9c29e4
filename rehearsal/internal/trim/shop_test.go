package trim

const sdkPath = "github.com/pulumi/pulumi-shop/sdk/v2"

// shop is an SDK as Pulumi generates one: two resources of which the first has a type of the second
// file, the registration of all types, and what makes a resource for a reference.
var shop = map[string]string{
	"go.mod": "module " + sdkPath + "\n\ngo 1.26\n",
	"go/shop/pulumi/pulumi.go": `package pulumi

type Resource any

func RegisterInputType(of, example any)               { Registered = append(Registered, example) }
func RegisterOutputType(example any)                  { Registered = append(Registered, example) }
func RegisterResourceModule(name string, module any)  { Registered = append(Registered, module) }

var Registered []any
`,
	"go/shop/internal/internal.go": `package internal

func Version() string { return "2.0.0" }

func Unused() string { return "" }
`,
	"go/shop/pulumi-plugin.json": `{"name": "shop"}`,
	"go/shop/init.go": `package shop

import (
	"fmt"

	"github.com/pulumi/pulumi-shop/sdk/v2/go/shop/internal"
	"github.com/pulumi/pulumi-shop/sdk/v2/go/shop/pulumi"
)

type module struct{ version string }

func (m *module) Construct(typ string) (r pulumi.Resource, err error) {
	switch typ {
	case "shop:index:Basket":
		r = &Basket{}
	case "shop:index:Till":
		r = &Till{}
	default:
		return nil, fmt.Errorf("unknown resource type: %s", typ)
	}
	return
}

func init() {
	version := internal.Version()
	pulumi.RegisterResourceModule("shop", &module{version})
}
`,
	"go/shop/basket.go": `package shop

import (
	"reflect"
	"strings"

	"github.com/pulumi/pulumi-shop/sdk/v2/go/shop/pulumi"
)

// Basket is reached.
type Basket struct{ Name string }

type BasketArgs struct {
	Till string // a field that is called like the other resource does not reach it
	Size BasketSize
}

func (BasketArgs) ElementType() reflect.Type { return reflect.TypeOf((*basketArgs)(nil)).Elem() }

type basketArgs struct{}

type BasketArrayInput interface{ ToBasketArray() }

type BasketArray []Basket

func (BasketArray) ToBasketArray() {}

type BasketOutput struct{}

type BasketArrayOutput struct{}

func NewBasket(args *BasketArgs) *Basket { return &Basket{Name: strings.ToUpper(args.Till)} }

func GetBasket() *Basket { return nil }

var _ = strings.ToUpper

func init() {
	pulumi.RegisterInputType(reflect.TypeOf((*BasketArrayInput)(nil)).Elem(), BasketArray{})
	pulumi.RegisterOutputType(BasketOutput{})
	pulumi.RegisterOutputType(BasketArrayOutput{})
}
`,
	"go/shop/till.go": `package shop

import "github.com/pulumi/pulumi-shop/sdk/v2/go/shop/pulumi"

type Till struct{}

type TillOutput struct{}

// Deprecated: buy a scanner.
func NewTill() *Till { return &Till{} }

func init() {
	pulumi.RegisterOutputType(TillOutput{})
}
`,
	"go/shop/types.go": `package shop

import "github.com/pulumi/pulumi-shop/sdk/v2/go/shop/pulumi"

type BasketSize string

const (
	Small = BasketSize("small")
	Large = BasketSize("large")
)

type BasketSizeOutput struct{ BasketSize }

type TillSize string

func init() {
	pulumi.RegisterOutputType(BasketSizeOutput{})
	pulumi.RegisterOutputType(TillSize(""))
}
`,
}
