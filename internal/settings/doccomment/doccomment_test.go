package doccomment

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bookmark-manager/infrastructure/internal/retention"
	"github.com/bookmark-manager/infrastructure/internal/settings"
)

const module = "github.com/bookmark-manager/infrastructure"

func TestCommentsAreReadFromTheSource(t *testing.T) {
	read := New(module, "../../..").Of
	assert.Equal(t, "A period for which CloudWatch Logs keeps events.", read(reflect.TypeFor[retention.Days](), ""))
	assert.Empty(t, read(reflect.TypeFor[string](), ""), "a type of no package")
	assert.Empty(t, read(reflect.TypeFor[reflect.Value](), ""), "a type of another module")
	assert.NotEmpty(t, read(reflect.TypeFor[settings.Problem](), ""))
}

func TestPlain(t *testing.T) {
	keys := map[string]string{"MinACU": "minAcu", "Class": "class", "CPU": "cpu"}
	for comment, want := range map[string]string{
		"Field is the first.\n":                                      "The first.",
		"Field are those\nof two lines.\n":                           "Those of two lines.",
		"Field lifts the lid. Required with MinACU 0.":               "Lifts the lid. Required with minAcu 0.",
		"Field is Class_100, and Class is a key.":                    "Class_100, and class is a key.",
		"Field is in CPU units.":                                     "In CPU units.",
		"Field is Aurora: section \"aurora\".":                       "Aurora.",
		"Field is so.\nhttps://example.com/source.html\nAnd more.\n": "So. And more.",
		"": "",
	} {
		assert.Equal(t, want, plain(comment, "Field", keys))
	}
}
