package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

const way = "../../testdata/prod.way.json"

func TestRequestTellsAStory(t *testing.T) {
	code, out, problems := call(t, "", "request", "GET", "https://www.example.com/api/bookmarks?q=go", "-H",
		"X-Forwarded-Host: evil.example",
		"--plan", way, "--from", "2001:db8::7", "--http", "HTTP/3")
	require.Equal(t, command.OK, code, problems)
	assert.Contains(t, out,
		"request      GET https://www.example.com/api/bookmarks?q=go (HTTP/3) from 2001:db8::7 in JP\n")
	assert.Contains(t, out, "function     drops [X-Forwarded-Host], writes map[]\n")
	assert.Contains(t, out, "listener     rule api-rule (priority 100) to api, port 3001: api-tg 100 %\n")
}

func TestRequestWritesJSON(t *testing.T) {
	code, out, problems := call(t, "<script>alert(1)</script>", "request", "POST",
		"https://www.example.com/api/profile", "--body", "-", "--plan", way, "--json")
	require.Equal(t, command.OK, code, problems)
	var followed struct {
		Firewall struct {
			Action, By string
			Status     int
			Rules      []struct{ Name, Verdict string }
		}
		Answer struct {
			Status int
			By     string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(out), &followed))
	assert.Equal(t, []string{"block", "common"}, []string{followed.Firewall.Action, followed.Firewall.By})
	assert.Equal(t, 403, followed.Answer.Status)
	assert.Equal(t, "allow-list", followed.Firewall.Rules[0].Name)
}

func TestRequestRefuses(t *testing.T) {
	for want, args := range map[string][]string{
		`this is no request: method: found "get"`:    {"get", "https://www.example.com/"},
		`this is no request: header: found "Cookie"`: {"GET", "https://www.example.com/", "-H", "Cookie"},
		`this is no request: recent: found -1, want 0 or more`: {"GET", "https://www.example.com/", "--recent",
			"-1"},
		`this is no request: version: found "2"`: {"GET", "https://www.example.com/", "--http", "2"},
		`this is no request: country: found "Japan"`: {"GET", "https://www.example.com/", "--country",
			"Japan"},
		`read the arguments: found 1, want a method and a URL`: {"GET"},
		`read the body: open none.html: no such file or directory`: {"POST", "https://www.example.com/", "--body",
			"none.html"},
		`make it: make plan DEPLOYED=1 STACK=elsewhere`: {"GET", "https://www.example.com/", "--stack", "elsewhere",
			"--plan", ""},
	} {
		if len(args) < 5 {
			args = append(args, "--plan", way)
		}
		code, out, problems := call(t, "", append([]string{"request"}, args...)...)
		assert.Equal(t, command.Usage, code, want)
		assert.Empty(t, out)
		assert.Contains(t, problems, want)
	}
}
