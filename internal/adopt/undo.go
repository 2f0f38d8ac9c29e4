package adopt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/catalog"
)

// exportVersion is the version of the states that `pulumi stack export` writes.
const exportVersion = 3

// Made is a copy of the stack's state in which nothing is that was adopted: what stage take has
// made, and n is how many resources those are. With it in the place of the state `pulumi destroy`
// takes away what was made and knows nothing of what was there before. Protections are lifted in
// it; what the program retains is retained.
//
// A state in which what was adopted already uses what was made, as after stage move, is refused.
func (a *Adoption) Made(exported []byte) (state []byte, n int, err error) {
	var file map[string]any
	decoder := json.NewDecoder(bytes.NewReader(exported))
	decoder.UseNumber()
	if err := decoder.Decode(&file); err != nil {
		return nil, 0, fmt.Errorf("read the exported state: %w", err)
	}
	deployment, _ := file["deployment"].(map[string]any)
	resources, _ := deployment["resources"].([]any)
	if version := fmt.Sprint(file["version"]); version != fmt.Sprint(exportVersion) || len(resources) == 0 {
		return nil, 0, fmt.Errorf("read the exported state: found version %s with %d resources, want version %d with "+
			"some, as pulumi stack export writes it after stage take", version, len(resources), exportVersion)
	}
	if pending, _ := deployment["pending_operations"].([]any); len(pending) > 0 {
		return nil, 0, fmt.Errorf("read the exported state: it has %d pending operations; repair the deploy first, as "+
			"docs/operations.md says, and export it again", len(pending))
	}
	u := undoing{parents: map[string]string{}, objects: map[string]bool{}, ids: map[string]bool{}}
	if err := errors.Join(u.takeOut(a.resources(), resources), u.uses()); err != nil {
		return nil, 0, err
	}
	for _, one := range u.left {
		if u.objects[object(one)] {
			return nil, 0, fmt.Errorf("take the adopted objects out of the exported state: %s is %s, which was adopted",
				text(one, "urn"), text(one, "id"))
		}
		u.unhook(one)
		if custom, _ := one["custom"].(bool); custom && !strings.HasPrefix(text(one, "type"), "pulumi:providers:") {
			n++
		}
	}
	deployment["resources"] = u.left
	state, err = json.MarshalIndent(file, "", "    ")
	return state, n, err
}

// resources are the keys of what objects of Terraform's became, whether by an import or not.
func (a *Adoption) resources() map[string]bool {
	keys := map[string]bool{}
	for _, row := range a.of(Adopted) {
		keys[row.Resource] = true
	}
	return keys
}

// undoing takes resources out of a state.
type undoing struct {
	left, out []map[string]any
	parents   map[string]string // of what was taken out, by its URN
	objects   map[string]bool   // types and ids of what was taken out
	ids       map[string]bool   // its ids and ARNs alone: a part of a bucket has the bucket's
}

func (u *undoing) takeOut(adopted map[string]bool, resources []any) error {
	for _, one := range resources {
		resource, _ := one.(map[string]any)
		urn, typ := text(resource, "urn"), text(resource, "type")
		if !adopted[typ+" "+urn[strings.LastIndex(urn, "::")+len("::"):]] {
			u.left = append(u.left, resource)
			continue
		}
		u.parents[urn] = text(resource, "parent")
		outputs, _ := resource["outputs"].(map[string]any)
		u.objects[object(resource)], u.ids[text(resource, "id")], u.ids[text(outputs, "arn")] = true, true, true
		u.out = append(u.out, resource)
	}
	if len(u.parents) == 0 {
		return errors.New("take the adopted objects out of the exported state: it has none of them, want the " +
			"state of " +
			"the stack after stage take")
	}
	return nil
}

// uses is an error if what was adopted has an id or an ARN of what was made among its properties. A
// VPC has its default security group's, which is AWS's own.
func (u *undoing) uses() error {
	made := map[string]string{}
	for _, one := range u.left {
		outputs, _ := one["outputs"].(map[string]any)
		for _, name := range []string{text(one, "id"), text(outputs, "arn")} {
			if ownName.MatchString(name) && !u.ids[name] && text(one, "type") != catalog.DefaultSecurityGroup {
				made[name] = text(one, "urn")
			}
		}
	}
	for _, one := range u.out {
		if name := mentioned(one["outputs"], made); name != "" {
			return fmt.Errorf("take the adopted objects out of the exported state: %s uses %s, which was made; "+
				"want the "+
				"state of stage take, before stage move has given it that", text(one, "urn"), made[name])
		}
	}
	return nil
}

// ownName is what nothing else is called by: an ARN, or an id such as sg-0123456789abcdef0.
var ownName = regexp.MustCompile(`^arn:|^[a-z]+-[0-9a-f]{8,17}$`)

// mentioned is a text anywhere in a value that is among names; empty for none.
func mentioned(value any, names map[string]string) string {
	switch value := value.(type) {
	case string:
		if _, known := names[value]; known {
			return value
		}
	case []any:
		for _, one := range value {
			if name := mentioned(one, names); name != "" {
				return name
			}
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if name := mentioned(value[key], names); name != "" {
				return name
			}
		}
	}
	return ""
}

// unhook takes what was taken out from among what a resource hangs on.
func (u *undoing) unhook(resource map[string]any) {
	for {
		parent, gone := u.parents[text(resource, "parent")]
		if !gone {
			break
		}
		resource["parent"] = parent
	}
	if _, gone := u.parents[text(resource, "deletedWith")]; gone {
		delete(resource, "deletedWith")
	}
	if all, ok := resource["dependencies"].([]any); ok {
		resource["dependencies"] = u.without(all)
	}
	byProperty, _ := resource["propertyDependencies"].(map[string]any)
	for property, value := range byProperty {
		all, _ := value.([]any)
		byProperty[property] = u.without(all)
	}
	delete(resource, "protect")
}

func (u *undoing) without(urns []any) []any {
	left := []any{}
	for _, urn := range urns {
		name, _ := urn.(string)
		if _, gone := u.parents[name]; !gone {
			left = append(left, urn)
		}
	}
	return left
}

// object is the type and id of a resource of the state: its identity in the cloud.
func object(resource map[string]any) string {
	return text(resource, "type") + " " + text(resource, "id")
}

func text(of map[string]any, key string) string {
	value, _ := of[key].(string)
	return value
}
