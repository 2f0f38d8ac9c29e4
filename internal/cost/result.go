// Package cost estimates what a stack costs in a month, from the resources of its plan, a file of
// expected usage and a table of prices. It refuses to guess: a type of resource that it does not
// know, a price or a usage that is missing, and a usage that nothing asks for are errors.
package cost

// Result is the estimate of one stack.
type Result struct {
	// Systems are in the order of the architecture, those without a line left out.
	Systems []System `json:"systems"`
	// MonthlyUSD is the total, in US dollars for a month of 730 hours, without tax.
	MonthlyUSD float64 `json:"monthlyUsd"`
	// AWSMonthlyUSD is the part on AWS's bill, which is what an AWS budget can see.
	AWSMonthlyUSD float64 `json:"awsMonthlyUsd"`
	// UnverifiedUSD is the part that rests on prices which no source confirmed.
	UnverifiedUSD float64 `json:"unverifiedUsd"`
	// BudgetUSD is the amount of the plan's budget. Zero: the plan has none.
	BudgetUSD float64 `json:"budgetUsd"`
	// Free are the types of the plan that cost nothing, each with the reason.
	Free []FreeType `json:"free"`
}

// System is one line of the estimate, such as "Aurora".
type System struct {
	Name       string  `json:"name"`
	MonthlyUSD float64 `json:"monthlyUsd"`
	// UnverifiedUSD is the part that rests on prices which no source confirmed.
	UnverifiedUSD float64 `json:"unverifiedUsd"`
	Lines         []Line  `json:"lines"`
}

// Line is one dimension of one resource: Quantity less Free, times PriceUSD, is MonthlyUSD.
type Line struct {
	// Resource is the resource's logical name, such as "network-nat-ap-northeast-1a".
	Resource string `json:"resource"`
	// Type is its type, such as "aws:ec2/natGateway:NatGateway".
	Type string `json:"type"`
	// Dimension says what is counted, such as "hours".
	Dimension string `json:"dimension"`
	// Quantity is in Unit, for a month.
	Quantity float64 `json:"quantity"`
	// Free is the part of Quantity that the free tier covers.
	Free       float64 `json:"free,omitempty"`
	Unit       string  `json:"unit"`
	Price      string  `json:"price"`  // the price's id in the table
	Region     string  `json:"region"` // where the price holds
	PriceUSD   float64 `json:"priceUsd"`
	MonthlyUSD float64 `json:"monthlyUsd"`
	Verified   bool    `json:"verified"` // false: no source confirmed the price
}

// FreeType is a type of resource that costs nothing itself.
type FreeType struct {
	Type   string `json:"type"`
	Count  int    `json:"count"`
	Reason string `json:"reason"`
}

// OverBudget says whether AWS's part is over the plan's budget.
func (r *Result) OverBudget() bool { return r.BudgetUSD > 0 && r.AWSMonthlyUSD > r.BudgetUSD }

// System is the amount of one system, zero when the plan has nothing of it.
func (r *Result) System(name string) float64 { return r.system(name).MonthlyUSD }

func (r *Result) system(name string) System {
	for _, one := range r.Systems {
		if one.Name == name {
			return one
		}
	}
	return System{Name: name}
}
