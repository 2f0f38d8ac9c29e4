package workspace

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const projectYAML = `# a comment
name: shop
runtime: go
backend:
  url: s3://real-state
config:
  shop:apiKey: {secret: true, description: of the API}
  token:
    secret: true
  shop:given: {secret: true}
  shop:plain: {description: not a secret}
`

const stackYAML = `secretsprovider: awskms://alias/real
encryptedkey: AAAA
encryptionsalt: v1:BBBB
config:
  shop:environment: production # a comment
  shop:aws: {accountId: "111122223333", region: ap-northeast-1}
  shop:given:
    secure: v1:cipher
  shop:services:
    web.app:
      keys: [plain, {secure: v1:other}]
      secure: not-a-secret
      more: 1
`

func rewrite(t *testing.T) *Files {
	t.Helper()
	f, err := Rewrite([]byte(projectYAML), []byte(stackYAML), "/bin/program", []Plugin{{"aws", "/plugins"}}, nil)
	require.NoError(t, err)
	return f
}

func TestTheCopyOfTheStackFileNeedsNoKeyOfTheOriginal(t *testing.T) {
	assert.Equal(t, `config:
    shop:environment: production # a comment
    shop:aws: {accountId: "111122223333", region: ap-northeast-1}
    shop:given: replaced by the rehearsal
    shop:services:
        web.app:
            keys: [plain, replaced by the rehearsal]
            secure: not-a-secret
            more: 1
`, string(rewrite(t).StackYAML))
}

func TestTheCopyOfTheProjectRunsTheBuiltProgramWithTheGivenPlugins(t *testing.T) {
	assert.Equal(t, `# a comment
name: shop
runtime:
    name: go
    options:
        binary: /bin/program
config:
    shop:apiKey: {secret: true, description: of the API}
    token:
        secret: true
    shop:given: {secret: true}
    shop:plain: {description: not a secret}
plugins:
    providers:
        - name: aws
          path: /plugins
`, string(rewrite(t).ProjectYAML))
}

func TestEveryEncryptedAndEveryDeclaredSecretIsGenerated(t *testing.T) {
	f := rewrite(t)
	var paths []string
	values := map[string]bool{}
	for _, s := range f.Secrets {
		paths = append(paths, s.Path)
		assert.Regexp(t, "^[0-9a-f]{32}$", s.Value)
		values[s.Value] = true
	}
	assert.Equal(t, []string{"shop:given", `shop:services["web.app"]["keys"][1]`, "shop:apiKey", "shop:token"}, paths)
	assert.Len(t, values, len(paths), "each secret has a value of its own")
}

func TestAnAliasIsAValueOfItsOwn(t *testing.T) {
	f, err := Rewrite([]byte("name: shop\n"), []byte("config:\n  shop:a: &key {b: {secure: v1:x}}\n  shop:c: *key\n"),
		"/bin/program", nil, nil)
	require.NoError(t, err)
	assert.Equal(t,
		"config:\n    shop:a: {b: replaced by the rehearsal}\n    shop:c: {b: replaced by the rehearsal}\n",
		string(f.StackYAML))
	require.Len(t, f.Secrets, 2)
	assert.Equal(t, `shop:a["b"]`, f.Secrets[0].Path)
	assert.Equal(t, `shop:c["b"]`, f.Secrets[1].Path)
}

func TestSecretArgs(t *testing.T) {
	f := &Files{Secrets: []Secret{{"shop:a", "1"}, {"shop:b[0]", "2"}}}
	assert.Equal(t, []string{"config", "set-all", "--path", "--secret", "shop:a=1", "--secret", "shop:b[0]=2"},
		f.SecretArgs())
	assert.Nil(t, (&Files{}).SecretArgs())
}

func TestReadsWhatTheRehearsalMustKnow(t *testing.T) {
	f := rewrite(t)
	assert.Equal(t, "shop", f.Project)
	assert.Equal(t, "production", f.Environment)
	assert.Equal(t, "111122223333", f.Account)
}

func TestAStackFileWithoutConfigurationIsPassedOn(t *testing.T) {
	for _, empty := range []string{"", "config:\n", "config: {}\n"} {
		f, err := Rewrite([]byte("name: shop\n"), []byte(empty), "/bin/program", nil, []Plugin{{"go", "/plugins"}})
		require.NoError(t, err)
		assert.Equal(t, "config: {}\n", string(f.StackYAML))
		assert.Contains(t, string(f.ProjectYAML), "    languages:\n        - name: go\n          path: /plugins\n")
		assert.Empty(t, f.Environment)
		assert.Empty(t, f.Account)
		assert.Empty(t, f.Secrets)
	}
}

func TestRefusesFilesThatAreNotPulumis(t *testing.T) {
	for name, c := range map[string]struct{ project, stack, want string }{
		"a project without a name":     {"runtime: go\n", "", "read Pulumi.yaml: it has no name"},
		"a project that is a list":     {"- name\n", "", "read Pulumi.yaml: line 1: it is not a mapping"},
		"a stack file that is no YAML": {"name: shop\n", "config: [", "read the stack file: yaml:"},
		"a configuration that is text": {"name: shop\n", "config: text\n",
			"read the stack file: config is not a mapping"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Rewrite([]byte(c.project), []byte(c.stack), "/bin/program", nil, nil)
			require.ErrorContains(t, err, c.want)
		})
	}
}
