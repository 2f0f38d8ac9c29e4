package adopt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// The versions of Terraform's formats that are read: the state's, and that of `terraform show
// -json`.
// https://developer.hashicorp.com/terraform/internals/json-format
const (
	stateVersion = 4
	showVersion  = "1"
)

// State is what one Terraform state holds.
type State struct {
	File      string
	Lineage   string // empty for `terraform show -json`, which leaves it out
	Serial    int    // of the state's last change, as is Lineage
	Instances []Instance
}

// Instance is one object that Terraform manages.
type Instance struct {
	File    string
	Address string // such as aws_subnet.public["a"]
	Type    string // such as aws_subnet
	Tainted bool   // Terraform would make it again
	Deposed bool   // it was replaced, and waits to be deleted
	Values  map[string]any
}

// ErrNoState is returned for what is no Terraform state that can be read whole.
var ErrNoState = errors.New("want what `terraform state pull` or `terraform show -json` prints")

// ReadFiles reads several states, as Terragrunt keeps them, each in the one format or the other. It
// refuses two versions of the same state: one of them is older than what is there.
func ReadFiles(files []string) ([]State, error) {
	var states []State
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read a Terraform state: %w", err)
		}
		state, err := Read(file, raw)
		if err != nil {
			return nil, fmt.Errorf("read the Terraform state %s: %w", file, err)
		}
		for _, other := range states {
			if state.Lineage != "" && state.Lineage == other.Lineage {
				older, newer := other, *state
				if older.Serial > newer.Serial {
					older, newer = newer, older
				}
				return nil,
					fmt.Errorf("read the Terraform states: %s (serial %d) and %s (serial %d) are the same state "+
						"at two times, lineage %s; leave the older out", older.File, older.Serial, newer.File,
						newer.Serial, state.Lineage)
			}
		}
		states = append(states, *state)
	}
	return states, nil
}

// Read reads a state, file naming it in what is said of it. The error of what is none wraps
// ErrNoState.
func Read(file string, raw []byte) (*State, error) {
	var format struct {
		Version       *json.Number    `json:"version"`
		FormatVersion *string         `json:"format_version"`
		PlannedValues json.RawMessage `json:"planned_values"`
	}
	if err := decode(raw, &format); err != nil {
		return nil, err
	}
	var state *State
	var err error
	switch {
	case format.PlannedValues != nil:
		return nil, fmt.Errorf("it is a plan: %w of the state", ErrNoState)
	case format.Version != nil:
		state, err = readState(raw, format.Version.String())
	case format.FormatVersion != nil:
		state, err = readShow(raw, *format.FormatVersion)
	default:
		return nil, fmt.Errorf("it has neither version nor format_version: %w", ErrNoState)
	}
	if err != nil {
		return nil, err
	}
	if len(state.Instances) == 0 {
		return nil, errors.New("it manages nothing; pull the state of the workspace that production is in")
	}
	state.File = file
	for i := range state.Instances {
		state.Instances[i].File = file
	}
	return state, nil
}

// decode is strict about the end: a file that was cut off, or has something behind the state, is
// none.
func decode(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	err := decoder.Decode(into)
	if err == nil {
		if _, more := decoder.Token(); !errors.Is(more, io.EOF) {
			return fmt.Errorf("something follows the state: %w", ErrNoState)
		}
		return nil
	}
	switch trimmed := bytes.TrimSpace(raw); {
	case len(trimmed) == 0:
		return fmt.Errorf("it is empty: %w", ErrNoState)
	case trimmed[0] != '{':
		return fmt.Errorf("it is not JSON, such as what `terraform show` prints for people: %w", ErrNoState)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("it ends in the middle; pull it again: %w", ErrNoState)
	}
	return fmt.Errorf("%w (%w)", ErrNoState, err)
}

// readState reads the format that Terraform keeps.
func readState(raw []byte, version string) (*State, error) {
	if version != strconv.Itoa(stateVersion) {
		return nil, fmt.Errorf("its version is %s, want %d: a run of Terraform 0.12 or later rewrites it: %w",
			version, stateVersion, ErrNoState)
	}
	var file struct {
		Lineage   string `json:"lineage"`
		Serial    int    `json:"serial"`
		Resources []struct {
			Module    string `json:"module"`
			Mode      string `json:"mode"`
			Type      string `json:"type"`
			Name      string `json:"name"`
			Instances []struct {
				IndexKey   any            `json:"index_key"`
				Status     string         `json:"status"`
				Deposed    string         `json:"deposed"`
				Attributes map[string]any `json:"attributes"`
				Flat       map[string]any `json:"attributes_flat"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if err := decode(raw, &file); err != nil {
		return nil, err
	}
	state := &State{Lineage: file.Lineage, Serial: file.Serial}
	for _, resource := range file.Resources {
		if resource.Mode != "managed" {
			continue // what Terraform only reads
		}
		for _, one := range resource.Instances {
			address := resource.Type + "." + resource.Name + index(one.IndexKey)
			if resource.Module != "" {
				address = resource.Module + "." + address
			}
			if one.Attributes == nil {
				return nil,
					fmt.Errorf("%s has no attributes; run terraform apply -refresh-only and pull the state again",
						address)
			}
			if err := hidden(address, one.Attributes); err != nil {
				return nil, err
			}
			state.Instances = append(state.Instances, Instance{
				Address: address,
				Type:    resource.Type,
				Values:  one.Attributes,
				Tainted: one.Status == "tainted",
				Deposed: one.Deposed != "",
			})
		}
	}
	return state, nil
}

// index is the end of an address for an instance of count or for_each.
func index(key any) string {
	switch key := key.(type) {
	case nil:
		return ""
	case string:
		return "[" + strconv.Quote(key) + "]"
	default:
		return fmt.Sprintf("[%v]", key)
	}
}

// module is a module of `terraform show -json`.
type module struct {
	Resources []struct {
		Address   string          `json:"address"`
		Mode      string          `json:"mode"`
		Type      string          `json:"type"`
		Tainted   bool            `json:"tainted"`
		Deposed   string          `json:"deposed_key"`
		Values    map[string]any  `json:"values"`
		Sensitive json.RawMessage `json:"sensitive_values"`
	} `json:"resources"`
	Children []module `json:"child_modules"`
}

// readShow reads what `terraform show -json` prints.
func readShow(raw []byte, version string) (*State, error) {
	if major, _, _ := strings.Cut(version, "."); major != showVersion {
		return nil, fmt.Errorf("its format_version is %s, want %s.x: %w", version, showVersion, ErrNoState)
	}
	var file struct {
		Values struct {
			Root module `json:"root_module"`
		} `json:"values"`
	}
	if err := decode(raw, &file); err != nil {
		return nil, err
	}
	state := &State{}
	return state, file.Values.Root.into(state)
}

func (m module) into(state *State) error {
	for _, one := range m.Resources {
		if one.Mode != "managed" {
			continue
		}
		if one.Values == nil {
			return fmt.Errorf("%s has no values: %w", one.Address, ErrNoState)
		}
		if err := hidden(one.Address, one.Values); err != nil {
			return err
		}
		state.Instances = append(state.Instances, Instance{
			Address: one.Address,
			Type:    one.Type,
			Tainted: one.Tainted,
			Deposed: one.Deposed != "",
			Values:  one.Values,
		})
	}
	for _, child := range m.Children {
		if err := child.into(state); err != nil {
			return err
		}
	}
	return nil
}

// masks stand for a value that a tool between Terraform and the file has hidden.
var masks = []string{"(sensitive value)", "(sensitive)", "<sensitive>", "[sensitive]", "REDACTED", "***"}

// hidden refuses an instance with a value that was hidden: a password read from it would be set as
// the new one.
func hidden(address string, value any) error {
	switch value := value.(type) {
	case string:
		if slices.Contains(masks, value) {
			return fmt.Errorf("%s is hidden, it reads %q; take the output of `terraform state pull` as it is: %w",
				address, value, ErrNoState)
		}
	case []any:
		for i, one := range value {
			if err := hidden(fmt.Sprintf("%s[%d]", address, i), one); err != nil {
				return err
			}
		}
	case map[string]any:
		for key, one := range value {
			if err := hidden(address+"."+key, one); err != nil {
				return err
			}
		}
	}
	return nil
}

// Text is an attribute that is a text, by the path to it, such as
// "encryption_configuration.0.kms_key". It is empty for one that is null, absent or no text.
func (i Instance) Text(path string) string {
	text, _ := i.value(path).(string)
	return text
}

// Bool is an attribute that is true or false; false when it is absent.
func (i Instance) Bool(path string) bool {
	is, _ := i.value(path).(bool)
	return is
}

// Int is an attribute that is a whole number; 0 when it is absent.
func (i Instance) Int(path string) int {
	number, _ := i.value(path).(json.Number)
	whole, err := strconv.Atoi(number.String())
	if err != nil {
		return 0
	}
	return whole
}

// Texts is an attribute that is a list of texts.
func (i Instance) Texts(path string) []string {
	list, _ := i.value(path).([]any)
	var texts []string
	for _, one := range list {
		if text, ok := one.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// Blocks is an attribute that is a list of blocks.
func (i Instance) Blocks(path string) []Instance {
	list, _ := i.value(path).([]any)
	var blocks []Instance
	for _, one := range list {
		if values, ok := one.(map[string]any); ok {
			blocks = append(blocks, Instance{Values: values})
		}
	}
	return blocks
}

func (i Instance) value(path string) any {
	var value any = i.Values
	for _, key := range strings.Split(path, ".") {
		switch in := value.(type) {
		case map[string]any:
			value = in[key]
		case []any:
			n, err := strconv.Atoi(key)
			if err != nil || n >= len(in) {
				return nil
			}
			value = in[n]
		default:
			return nil
		}
	}
	return value
}

// ID is what Terraform calls the object.
func (i Instance) ID() string { return i.Text("id") }
