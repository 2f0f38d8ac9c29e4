package catalog

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a stack is made of without a row would have no price, no place in the picture, and nobody
// would say what is lost with it.
func TestEveryTypeOfTheStacksHasARow(t *testing.T) {
	missing := map[string]bool{}
	for _, stack := range []string{"prod", "staging"} {
		list, err := os.ReadFile("../../testdata/" + stack + ".resources.golden")
		require.NoError(t, err)
		for line := range strings.Lines(string(list)) {
			typ, _, _ := strings.Cut(line, " ")
			if strings.HasPrefix(typ, "bookmark-manager:") || strings.HasPrefix(typ, "pulumi:") {
				continue
			}
			row, ok := Find(typ)
			if (!ok || row.Unpriced != "") && !missing[typ] {
				missing[typ] = true
				t.Errorf("%s, of stack %s, has no row: add {Type: %q, ...} to the file of its area in "+
					"internal/catalog, with\n"+
					"  Free: why it costs nothing, or Priced: true and a pricer in internal/cost/types.go;\n"+
					"  Lost: what is lost when one is replaced or deleted, if anything; FixedName: the input with "+
					"the name, if only a fixed name loses it;\n"+
					"  HoldsData: true for what must never be deleted unseen; ARN: how the Tagging API names it, if "+
					"it has tags;\n"+
					"  Drawn: its place in the picture, if that is not its component's box", typ, stack, typ)
			}
		}
	}
}

func TestRowsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range Rows() {
		assert.False(t, seen[row.Type], "%s has two rows", row.Type)
		seen[row.Type] = true
		costs := 0
		for _, set := range []bool{row.Free != "", row.Priced, row.Unpriced != ""} {
			if set {
				costs++
			}
		}
		assert.Equal(t, 1, costs, "%s needs one of Free, Priced and Unpriced", row.Type)
		if row.FixedName != "" || row.HoldsData {
			assert.NotEmpty(t, row.Lost, "%s: say what is lost", row.Type)
		}
		assert.False(t, row.HoldsData && row.FixedName != "", "%s: data is lost whatever the name", row.Type)
	}
}

// A token that is written elsewhere is a row of another table in the making.
func TestNoOtherCodeSpellsATypeThatHasARow(t *testing.T) {
	for _, root := range []string{"../../cmd", "../../internal", "../../compute", "../../data", "../../delivery",
		"../../edge", "../../network",
		"../../observability"} {
		require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
				strings.Contains(path, "internal/catalog/") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(node ast.Node) bool {
				if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					text, err := strconv.Unquote(literal.Value)
					assert.NoError(t, err, path)
					_, known := Find(text)
					assert.False(t, known, "%s writes %q: use the constant of package catalog", path, text)
				}
				return true
			})
			return nil
		}))
	}
}

func TestIdsAreThoseThatAnImportTakes(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:ssm:ap-northeast-1:111122223333:parameter/bookmark-manager/production/JWT_SECRET":  "/bookmark-manager/production/JWT_SECRET",
		"arn:aws:logs:ap-northeast-1:111122223333:log-group:/ecs/bookmark-manager-production/web":   "/ecs/bookmark-manager-production/web",
		"arn:aws:ecr:ap-northeast-1:111122223333:repository/bookmark-manager-production-api":        "bookmark-manager-production-api",
		"arn:aws:ecs:ap-northeast-1:111122223333:service/cluster/web":                               "cluster/web",
		"arn:aws:s3:::bookmark-manager-production-assets-111122223333":                              "bookmark-manager-production-assets-111122223333",
		"arn:aws:sns:us-east-1:111122223333:notifications":                                          "arn:aws:sns:us-east-1:111122223333:notifications",
		"arn:aws:wafv2:us-east-1:111122223333:global/ipset/deny/5a11d064":                           "5a11d064/deny/CLOUDFRONT",
		"arn:aws:glue:ap-northeast-1:111122223333:database/logs":                                    "111122223333:logs",
		"arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/web/ae61005a5c862d38": "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/web/ae61005a5c862d38",
		"arn:aws:kms:ap-northeast-1:111122223333:key/af45d1a0":                                      "af45d1a0",
		"arn:aws:rds:ap-northeast-1:111122223333:cluster-pg:aurora-17":                              "aurora-17",
		"arn:aws:wafv2:ap-northeast-1:111122223333:regional/webacl/edge/5a11d064":                   "5a11d064/edge/REGIONAL",
		"arn:aws:logs:ap-northeast-1:111122223333:log-group:/ecs/web:*":                             "/ecs/web",
	} {
		row, id, ok := ByARN(arn)
		assert.True(t, ok, arn)
		assert.NotEmpty(t, row.Type, arn)
		assert.Equal(t, want, id)
	}
}
