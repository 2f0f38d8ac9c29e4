package stackfile

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEdit(t *testing.T) {
	const before = `{"p:network":{"nat":"perZone","zones":[{"name":"a"},{"name":"b"}]}}`
	for name, c := range map[string]struct{ edit, after, fails string }{
		"a value": {
			edit:  `{"section":"p:network","steps":["nat"],"value":"single"}`,
			after: `{"p:network":{"nat":"single","zones":[{"name":"a"},{"name":"b"}]}}`,
		},
		"a value in a list": {
			edit:  `{"section":"p:network","steps":["zones",1,"name"],"value":"c"}`,
			after: `{"p:network":{"nat":"perZone","zones":[{"name":"a"},{"name":"c"}]}}`,
		},
		"an element": {
			edit:  `{"section":"p:network","steps":["zones",0],"value":{"name":"z"}}`,
			after: `{"p:network":{"nat":"perZone","zones":[{"name":"z"},{"name":"b"}]}}`,
		},
		"a setting that goes": {
			edit:  `{"section":"p:network","steps":["nat"],"remove":true}`,
			after: `{"p:network":{"zones":[{"name":"a"},{"name":"b"}]}}`,
		},
		"a section": {
			edit:  `{"section":"p:keys","steps":[],"value":{"days":7}}`,
			after: `{"p:keys":{"days":7},"p:network":{"nat":"perZone","zones":[{"name":"a"},{"name":"b"}]}}`,
		},
		"an index behind the end": {
			edit:  `{"section":"p:network","steps":["zones",2],"value":{}}`,
			fails: "edit p:network [zones 2]: a []interface {} has no 2",
		},
		"a key of a list": {
			edit:  `{"section":"p:network","steps":["zones","a","name"],"value":""}`,
			fails: "edit p:network [zones a name]: a []interface {} has no a",
		},
		"a key of a text": {
			edit:  `{"section":"p:network","steps":["nat","x"],"value":""}`,
			fails: "edit p:network [nat x]: a string has no x",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var config map[string]any
			require.NoError(t, json.Unmarshal([]byte(before), &config))
			var edit Edit
			require.NoError(t, json.Unmarshal([]byte(c.edit), &edit))
			err := edit.Apply(config)
			if c.fails != "" {
				assert.EqualError(t, err, c.fails)
				return
			}
			require.NoError(t, err)
			after, err := json.Marshal(config)
			require.NoError(t, err)
			assert.JSONEq(t, c.after, string(after))
		})
	}
}
