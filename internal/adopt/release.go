package adopt

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Release is the shell script that takes what this program has adopted, and what nobody owns, out
// of Terraform's states (terraform state rm). What is left to Terraform stays there, and is all
// that Terraform then plans to destroy.
func (a *Adoption) Release() []byte {
	var text bytes.Buffer
	text.WriteString("# Run this when the stage close is deployed and its preview is empty, in the folder of each " +
		"state.\n" +
		"# A copy of the state is the way back: terraform state pull > before-release.json\n" +
		"set -eu\n")
	file, done := "", map[string]bool{}
	rows := slices.Concat(a.of(Adopted), a.of(Unmanaged))
	slices.SortStableFunc(rows, func(a, b Row) int {
		return strings.Compare(a.File+" "+a.Address,
			b.File+" "+b.Address)
	})
	for _, row := range rows {
		if row.File != file {
			file = row.File
			fmt.Fprintf(&text, "\n# %s\n", file)
		}
		if key := row.File + " " + row.Address; !done[key] {
			done[key] = true
			fmt.Fprintf(&text, "terraform state rm '%s'\n", strings.ReplaceAll(row.Address, "'", `'\''`))
		}
	}
	text.WriteString("\n# What terraform plan -destroy lists from now on, and nothing else:\n")
	for _, row := range a.of(LeftToTerraform) {
		fmt.Fprintf(&text, "#   %s\n", row.Address)
	}
	return text.Bytes()
}

// instanceKeys are the keys of instances in an address: [0], ["api"].
var instanceKeys = regexp.MustCompile(`\[(?:\d+|"(?:[^"\\]|\\.)*")\]`)

// Removed is the same as Release in the form of Terraform's configuration: a removed block for each
// resource whose objects all leave the state, for Terraform 1.7 or newer. Such a block takes no key
// of an instance: a resource that also keeps objects is named, to be released by the script.
// https://developer.hashicorp.com/terraform/language/state/remove
func (a *Adoption) Removed() []byte {
	type resource struct{ file, address string }
	of := func(row Row) resource { return resource{row.File, instanceKeys.ReplaceAllString(row.Address, "")} }
	left := map[resource]bool{}
	for _, row := range a.of(LeftToTerraform) {
		left[of(row)] = true
	}
	var all []resource
	for _, row := range slices.Concat(a.of(Adopted), a.of(Unmanaged)) {
		if one := of(row); !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b resource) int { return strings.Compare(a.file+" "+a.address, b.file+" "+b.address) })
	var text bytes.Buffer
	text.WriteString("# Put these into the configuration of each state, in the place of the resource blocks, " +
		"when the " +
		"stage close is\n# deployed and its preview is empty. terraform plan must then forget them and destroy " +
		"nothing.\n")
	file := ""
	for _, one := range all {
		if one.file != file {
			file = one.file
			fmt.Fprintf(&text, "\n# %s\n", file)
		}
		if left[one] {
			fmt.Fprintf(&text, "# %s: some of its objects stay; release the others with terraform state rm.\n",
				one.address)
			continue
		}
		fmt.Fprintf(&text, "removed {\n  from = %s\n  lifecycle {\n    destroy = false\n  }\n}\n", one.address)
	}
	return text.Bytes()
}
