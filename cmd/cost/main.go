package main

import (
	"fmt"
	"os"

	"github.com/bookmark-manager/infrastructure/internal/cost"
	"github.com/bookmark-manager/infrastructure/internal/plan"
)

func main() {
	f, _ := os.Open(os.Args[2])
	p, err := plan.Read(f)
	if err != nil {
		panic(err)
	}
	f, _ = os.Open("cost/prices.yaml")
	prices, err := cost.ReadPrices(f)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	f, _ = os.Open("cost/usage." + os.Args[1] + ".yaml")
	usage, err := cost.ReadUsage(f)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	r, err := cost.Estimate(p.Resources(), usage, prices)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Print(cost.Text(os.Args[1], r, true))
}
