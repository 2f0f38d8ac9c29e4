package observability

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func parseLine(t *testing.T, line string) map[string]string {
	t.Helper()
	table := loadBalancerLogs()
	// Java's and Go's expressions agree on all that is used here.
	match := regexp.MustCompile("^" + table.serializer["input.regex"] + "$").FindStringSubmatch(line)
	require.NotNil(t, match, line)
	require.Len(t, match, len(table.columns)+1, "a group for each column")
	fields := map[string]string{}
	for i, column := range table.columns {
		fields[column.name] = match[i+1]
	}
	return fields
}

func TestLoadBalancerLinesAreRead(t *testing.T) {
	const tail = `"Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0" TLS_AES_128_GCM_SHA256 TLSv1.3 ` +
		`arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/api/73e2d6bc24d8a067 ` +
		`"Root=1-58337262-36d228ad5d99923122bbe354" "www.example.com" "session-reused" 10 ` +
		`2026-11-24T00:00:00.000000Z "waf,forward" "-" "-" "10.0.11.7:3001" "200" "-" "-" TID_0a1b`
	for name, c := range map[string]struct {
		line string
		want map[string]string
	}{
		"a request that a task answered": {
			`h2 2026-11-24T00:00:01.000000Z app/lb/50dc6c495c0c9188 203.0.113.9:2817 10.0.11.7:3001 0.001 0.125 ` +
				`0.000 200 200 34 366 ` +
				`"GET https://www.example.com:443/api/bookmarks?q=a HTTP/2.0" ` + tail,
			map[string]string{
				"type":                   "h2",
				"client_ip":              "203.0.113.9",
				"client_port":            "2817",
				"target_ip":              "10.0.11.7",
				"target_port":            "3001",
				"target_processing_time": "0.125",
				"elb_status_code":        "200",
				"target_status_code":     "200",
				"request_verb":           "GET",
				"request_url":            "https://www.example.com:443/api/bookmarks?q=a",
				"request_proto":          "HTTP/2.0",
				"domain_name":            "www.example.com",
				"user_agent":             "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0",
				"matched_rule_priority":  "10",
				"conn_trace_id":          "TID_0a1b",
			},
		},
		"a request that no task got": {
			`https 2026-11-24T00:00:01.000000Z app/lb/50dc6c495c0c9188 203.0.113.9:2817 - -1 -1 -1 503 - 34 366 ` +
				`"GET https://www.example.com:443/ HTTP/1.1" ` + tail,
			map[string]string{
				"target_ip":               "",
				"target_port":             "",
				"elb_status_code":         "503",
				"target_status_code":      "-",
				"request_processing_time": "-1",
			},
		},
		"a request that is not HTTP": {
			`https 2026-11-24T00:00:01.000000Z app/lb/50dc6c495c0c9188 203.0.113.9:2817 - -1 -1 -1 400 - 0 0 "- ` +
				`http://www.example.com:80- -" ` + tail,
			map[string]string{"request_verb": "-", "request_url": "http://www.example.com:80-", "request_proto": "-"},
		},
		"a request with blanks in its URL": {
			`http 2026-11-24T00:00:01.000000Z app/lb/50dc6c495c0c9188 203.0.113.9:2817 10.0.11.7:3001 0.001 0.125 ` +
				`0.000 400 400 34 366 ` +
				`"GET http://www.example.com:80/a b c HTTP/1.1" ` + tail,
			map[string]string{
				"request_verb":  "GET",
				"request_url":   "http://www.example.com:80/a b c",
				"request_proto": "HTTP/1.1",
			},
		},
		"a line with fields that are newer than the table": {
			`h2 2026-11-24T00:00:01.000000Z app/lb/50dc6c495c0c9188 203.0.113.9:2817 10.0.11.7:3001 0.001 0.125 ` +
				`0.000 200 200 34 366 ` +
				`"GET https://www.example.com:443/ HTTP/2.0" ` + tail + ` "-" "new field"`,
			map[string]string{"conn_trace_id": "TID_0a1b"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := parseLine(t, c.line)
			for field, want := range c.want {
				assert.Equal(t, want, got[field], field)
			}
		})
	}
}

func TestColumnNamesNeedNoQuotes(t *testing.T) {
	for field, want := range map[string]string{
		"cs(User-Agent)":     "cs_user_agent",
		"cs(Host)":           "cs_host",
		"x-edge-result-type": "x_edge_result_type",
		"date":               "date",
		"sc-status":          "sc_status",
	} {
		assert.Equal(t, want, columnName(field))
	}
}

func TestLogTables(t *testing.T) {
	r := mustBuild(t)
	for name, want := range map[string]struct {
		location, template, format, unit, library string
	}{
		"watch-logs-load_balancer": {
			"s3://logs-bucket/alb/AWSLogs/111122223333/elasticloadbalancing/ap-northeast-1/",
			"s3://logs-bucket/alb/AWSLogs/111122223333/elasticloadbalancing/ap-northeast-1/${day}", "yyyy/MM/dd",
			"DAYS",
			"org.apache.hadoop.hive.serde2.RegexSerDe",
		},
		"watch-logs-distribution": {
			"s3://logs-bucket/cloudfront/E123/", "s3://logs-bucket/cloudfront/E123/${day}", "yyyy/MM/dd/HH", "HOURS",
			"org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
		},
	} {
		table := get(t, r, tableType, name)
		assert.Equal(t, "bookmark_manager_production_logs", table.Input("databaseName"), name)
		assert.Equal(t, want.location, table.Input("storageDescriptor.location"), name)
		assert.Equal(t, want.library, table.Input("storageDescriptor.serDeInfo.serializationLibrary"), name)
		assert.Equal(t, "org.apache.hadoop.mapred.TextInputFormat", table.Input("storageDescriptor.inputFormat"), name)
		assert.Equal(t, "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
			table.Input("storageDescriptor.outputFormat"), name)
		assert.Equal(t, "EXTERNAL_TABLE", table.Input("tableType"), name)
		parameters := table.Input("parameters").(map[string]any)
		for key, value := range map[string]any{
			"projection.enabled":           "true",
			"projection.day.type":          "date",
			"projection.day.format":        want.format,
			"projection.day.interval.unit": want.unit,
			"projection.day.range":         "NOW-400DAYS,NOW",
			"storage.location.template":    want.template,
			"EXTERNAL":                     "TRUE",
		} {
			assert.Equal(t, value, parameters[key], "%s %s", name, key)
		}
		assert.Equal(t, []any{map[string]any{"name": "day", "type": "string"}}, table.Input("partitionKeys"), name)
	}
	distribution := get(t, r, tableType, "watch-logs-distribution")
	assert.Equal(t, "2", distribution.Input("parameters").(map[string]any)["skip.header.line.count"])
	assert.Equal(t, []any{
		map[string]any{"name": "date", "type": "string"}, map[string]any{"name": "time", "type": "string"},
		map[string]any{"name": "c_ip", "type": "string"},
		map[string]any{"name": "cs_user_agent", "type": "string"}, map[string]any{"name": "sc_status", "type": "int"},
		map[string]any{"name": "sc_bytes", "type": "bigint"}, map[string]any{"name": "time_taken", "type": "double"},
	}, distribution.Input("storageDescriptor.columns"))
}

func TestQueriesAreBoundedAndReadOnePartitionOnwards(t *testing.T) {
	r := mustBuild(t)
	workgroup := get(t, r, workgroupType, "watch-logs")
	for property, want := range map[string]any{
		"name": "bookmark-manager-production-logs", "forceDestroy": false,
		"configuration.enforceWorkgroupConfiguration":                                true,
		"configuration.publishCloudwatchMetricsEnabled":                              true,
		"configuration.bytesScannedCutoffPerQuery":                                   float64(10 << 30),
		"configuration.resultConfiguration.outputLocation":                           "s3://logs-bucket/athena/",
		"configuration.resultConfiguration.encryptionConfiguration.encryptionOption": "SSE_S3",
	} {
		assert.Equal(t, want, workgroup.Input(property), property)
	}
	columns := map[string]bool{"requests": true, "bytes": true, "path": true}
	for _, table := range []logTable{loadBalancerLogs(), distributionLogs([]string{
		"date", "time", "c-ip", "cs-method", "cs-uri-stem", "sc-status", "sc-bytes", "x-edge-result-type",
		"x-edge-detailed-result-type",
	})} {
		for _, column := range table.columns {
			columns[column.name] = true
		}
	}
	selected := regexp.MustCompile(`(?s)^SELECT (.*?)\nFROM`)
	words := regexp.MustCompile(`[a-z][a-z_]*[a-z]`)
	functions := map[string]bool{"count": true, "sum": true, "url_extract_path": true}
	for _, query := range r.OfType(namedType) {
		sql := query.Input("query").(string)
		assert.Contains(t, sql, `FROM "bookmark_manager_production_logs"."`, query.Name)
		assert.Contains(t, sql, "\nWHERE day >= date_format(current_date, '%Y/%m/%d", query.Name)
		assert.Contains(t, sql, "\nLIMIT ", query.Name)
		for _, word := range words.FindAllString(selected.FindStringSubmatch(sql)[1], -1) {
			assert.True(t, columns[word] || functions[word], "%s: no table has the column %s", query.Name, word)
		}
	}
	r, _, err := buildObservability(func(a *ObservabilityArgs) { a.Teardown, a.Config.QueryLimitGB = true, 1 })
	require.NoError(t, err)
	workgroup = get(t, r, workgroupType, "watch-logs")
	assert.Equal(t, true, workgroup.Input("forceDestroy"), "a workgroup that ran queries can only be deleted with them")
	assert.Equal(t, float64(1<<30), workgroup.Input("configuration.bytesScannedCutoffPerQuery"))
}
