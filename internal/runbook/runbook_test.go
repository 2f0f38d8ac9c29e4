package runbook

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const page = "# Operations\n\nText.\n\n## Runbook\n\n### Tasks missing\n\n*Alarm `<service>-tasks-missing`: too " +
	"few.*\n\n1. Read `aws ecs`.\n\n" +
	"### Prose\n\nNo alarm, but `code`.\n\n### Site down\n\n*Alarms `site-health` " +
	"and\n`nat-port-errors-<zone>`.*\n\nOpen it.\n\n## Slack\n\nMore.\n"

func TestTheSectionOfAnAlarmIsFound(t *testing.T) {
	for name, title := range map[string]string{
		"api-tasks-missing": "Tasks missing",
		"bookmark-manager-production-link-checker-tasks-missing": "Tasks missing",
		"site-health": "Site down",
		"bookmark-manager-staging-nat-port-errors-ap-northeast-1a": "Site down",
	} {
		found, err := Find(page, name)
		require.NoError(t, err, name)
		assert.Equal(t, title, found.Title, name)
	}
	found, err := Find(page, "site-health")
	require.NoError(t, err)
	assert.Equal(t, "### Site down\n\n*Alarms `site-health` and\n`nat-port-errors-<zone>`.*\n\nOpen it.", found.Text)
	assert.Equal(t, "site-down", found.Fragment())
}

func TestAnAlarmThatTheRunbookDoesNotKnow(t *testing.T) {
	for _, name := range []string{"tasks", "code", "site-health-2", ""} {
		_, err := Find(page, name)
		require.ErrorContains(t, err, "it knows <service>-tasks-missing, nat-port-errors-<zone>, site-health", name)
	}
}
