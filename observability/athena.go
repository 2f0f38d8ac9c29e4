package observability

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/athena"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The tables over the logs in S3.
const (
	loadBalancerTable = "load_balancer"
	distributionTable = "distribution"
)

// logTable is a Glue table, with its partitions computed from the date in a query instead of being
// added day by day.
// https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html
type logTable struct {
	name, description string
	columns           []column
	library           string // of the serializer
	serializer        map[string]string
	properties        map[string]string
	format            string // of a partition's date
	unit              string // of a partition
}

type column struct{ name, kind string }

// loadBalancerLogs is the table of the load balancer's access logs.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
func loadBalancerLogs() logTable {
	fields := loadBalancerFields()
	columns, patterns := make([]column, len(fields)), make([]string, len(fields))
	for i, field := range fields {
		columns[i], patterns[i] = field.column, field.pattern
	}
	return logTable{
		name:        loadBalancerTable,
		description: "Access logs of the load balancer, a line for each request.",
		columns:     columns,
		library:     "org.apache.hadoop.hive.serde2.RegexSerDe",
		serializer: map[string]string{
			"serialization.format": "1",
			// Lines have grown new fields at their end before; the rest of a line is not ours to
			// refuse.
			"input.regex": strings.Join(patterns, "") + ".*",
		},
		format: "yyyy/MM/dd",
		unit:   "DAYS",
	}
}

// logField is a column with the part of a line that fills it, the blank before it included.
type logField struct {
	column
	pattern string
}

func loadBalancerFields() []logField {
	bare := func(name, kind string) logField { return logField{column{name, kind}, " ([^ ]*)"} }
	quoted := func(name string) logField { return logField{column{name, "string"}, ` "([^"]*)"`} }
	return []logField{
		{column{"type", "string"}, "([^ ]*)"},
		bare("time", "string"),
		bare("elb", "string"),
		{column{"client_ip", "string"}, " ([^ ]*)"},
		{column{"client_port", "int"}, ":([0-9]*)"},
		// Without a target the field is a lone hyphen.
		{column{"target_ip", "string"}, " ([^ ]*?)"},
		{column{"target_port", "int"}, "[:-]([0-9]*)"},
		bare("request_processing_time", "double"),
		bare("target_processing_time", "double"),
		bare("response_processing_time", "double"),
		bare("elb_status_code", "int"),
		bare("target_status_code", "string"),
		bare("received_bytes", "bigint"),
		bare("sent_bytes", "bigint"),
		{column{"request_verb", "string"}, ` "([^ ]*)`},
		{column{"request_url", "string"}, " (.*?)"},
		{column{"request_proto", "string"}, ` ([^ ]*) ?"`},
		quoted("user_agent"),
		bare("ssl_cipher", "string"),
		bare("ssl_protocol", "string"),
		bare("target_group_arn", "string"),
		quoted("trace_id"),
		quoted("domain_name"),
		quoted("chosen_cert_arn"),
		bare("matched_rule_priority", "string"),
		bare("request_creation_time", "string"),
		quoted("actions_executed"),
		quoted("redirect_url"),
		quoted("error_reason"),
		quoted("target_port_list"),
		quoted("target_status_code_list"),
		quoted("classification"),
		quoted("classification_reason"),
		bare("conn_trace_id", "string"),
	}
}

// distributionLogs is the table of CloudFront's access logs: tab-separated lines under two lines of
// comment.
func distributionLogs(fields []string) logTable {
	columns := make([]column, len(fields))
	for i, field := range fields {
		columns[i] = column{columnName(field), distributionKind(field)}
	}
	return logTable{
		name:        distributionTable,
		description: "Access logs of CloudFront, a line for each request of a viewer.",
		columns:     columns,
		library:     "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
		serializer:  map[string]string{"field.delim": "\t", "serialization.format": "\t"},
		properties:  map[string]string{"skip.header.line.count": "2"},
		format:      "yyyy/MM/dd/HH",
		unit:        "HOURS",
	}
}

// columnName turns cs(User-Agent) into cs_user_agent: Athena takes letters, digits and underscores
// without quotes.
func columnName(field string) string {
	return strings.ToLower(strings.TrimSuffix(strings.NewReplacer("(", "_", ")", "_", "-", "_").Replace(field), "_"))
}

// distributionKind is the type of the columns that are numbers; a hyphen for none reads as null.
func distributionKind(field string) string {
	switch field {
	case "sc-bytes", "cs-bytes", "sc-content-len", "sc-range-start", "sc-range-end":
		return "bigint"
	case "sc-status", "c-port":
		return "int"
	case "time-taken", "time-to-first-byte":
		return "double"
	default:
		return "string"
	}
}

// partition is the one partition column; a query that leaves it out scans every log there is.
const partition = "day"

// projected are the properties that let Athena compute a table's partitions below a location.
func (t logTable) projected(location string) map[string]string {
	all := map[string]string{
		"EXTERNAL":                                   "TRUE",
		"projection.enabled":                         "true",
		"projection." + partition + ".type":          "date",
		"projection." + partition + ".format":        t.format,
		"projection." + partition + ".range":         "NOW-400DAYS,NOW",
		"projection." + partition + ".interval":      "1",
		"projection." + partition + ".interval.unit": t.unit,
		"storage.location.template":                  location + "/${" + partition + "}",
	}
	for key, value := range t.properties {
		all[key] = value
	}
	return all
}

// namedQuery is a query that Athena offers by name.
type namedQuery struct{ key, description, sql string }

func namedQueries(database string) []namedQuery {
	from := func(table, firstPartition string) string {
		return fmt.Sprintf("FROM \"%s\".\"%s\"\nWHERE %s >= date_format(current_date, '%s')", database, table,
			partition, firstPartition)
	}
	const today, firstHour = "%Y/%m/%d", "%Y/%m/%d/00"
	return []namedQuery{
		{"alb-slowest", "Slowest requests of today, by the time that their target took",
			"SELECT \"time\", request_verb, request_url, elb_status_code, target_processing_time, target_ip\n" +
				from(loadBalancerTable, today) + "\nORDER BY target_processing_time DESC\nLIMIT 50"},
		{"alb-errors", "Requests of today that ended in a 5xx status, by URL", "SELECT elb_status_code, " +
			"target_status_code, request_verb, url_extract_path(request_url) AS path, count(*) AS requests\n" +
			from(loadBalancerTable, today) +
			" AND elb_status_code >= 500\nGROUP BY 1, 2, 3, 4\nORDER BY requests DESC\nLIMIT 100"},
		{"alb-clients", "Clients with the most requests today", "SELECT client_ip, count(*) AS requests\n" +
			from(loadBalancerTable, today) + "\nGROUP BY client_ip\nORDER BY requests DESC\nLIMIT 100"},
		{"cloudfront-cache", "Cache results of today, by path",
			"SELECT x_edge_result_type, cs_uri_stem, count(*) AS requests, sum(sc_bytes) AS bytes\n" +
				from(distributionTable, firstHour) + "\nGROUP BY 1, 2\nORDER BY requests DESC\nLIMIT 100"},
		{"cloudfront-errors", "Requests of today that CloudFront answered with a 5xx status",
			"SELECT \"date\", \"time\", c_ip, cs_method, cs_uri_stem, sc_status, x_edge_detailed_result_type\n" +
				from(distributionTable, firstHour) +
				" AND sc_status >= 500\nORDER BY \"date\" DESC, \"time\" DESC\nLIMIT 100"},
	}
}

// glueName is a Glue database's name: with hyphens it would need quotes in every query.
func glueName(name string) string { return strings.ReplaceAll(name, "-", "_") + "_logs" }

func (b *builder) athena() error {
	bucket := b.args.Logs.BucketName
	database, err := glue.NewCatalogDatabase(b.Ctx, b.Child("logs"), &glue.CatalogDatabaseArgs{
		Name:        pulumi.String(glueName(b.args.Environment.Name())),
		Description: pulumi.String("Logs of the stack in S3."),
	}, b.options(false)...)
	if err != nil {
		return b.Wrap("create", "log database", err)
	}
	lb := pulumi.Sprintf("s3://%s/%s/AWSLogs/%s/elasticloadbalancing/%s", bucket, b.args.Logs.LoadBalancerPrefix,
		b.args.AccountID, b.args.Region)
	if err := b.logTable(database, loadBalancerLogs(), lb); err != nil {
		return err
	}
	edge := pulumi.Sprintf("s3://%s/%s/%s", bucket, b.args.Logs.DistributionPrefix, b.args.Edge.DistributionID)
	if err := b.logTable(database, distributionLogs(b.args.Logs.DistributionFields), edge); err != nil {
		return err
	}
	workgroup, err := athena.NewWorkgroup(b.Ctx, b.Child("logs"), &athena.WorkgroupArgs{
		Name:        pulumi.String(b.args.Environment.Name("logs")),
		Description: pulumi.String("Queries over the stack's logs in S3."),
		// A workgroup that holds queries can only be deleted with them.
		ForceDestroy: pulumi.Bool(b.args.Disposable || b.args.Teardown),
		Configuration: athena.WorkgroupConfigurationArgs{
			EnforceWorkgroupConfiguration:   pulumi.Bool(true),
			PublishCloudwatchMetricsEnabled: pulumi.Bool(true),
			BytesScannedCutoffPerQuery:      pulumi.Int(b.args.Config.QueryLimitGB << 30),
			ResultConfiguration: athena.WorkgroupConfigurationResultConfigurationArgs{
				OutputLocation: pulumi.Sprintf("s3://%s/athena/", bucket),
				EncryptionConfiguration: athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs{
					EncryptionOption: pulumi.String("SSE_S3"),
				},
			},
		},
	}, b.options(false)...)
	if err != nil {
		return b.Wrap("create", "workgroup", err)
	}
	for _, query := range namedQueries(glueName(b.args.Environment.Name())) {
		if _, err := athena.NewNamedQuery(b.Ctx, b.Child(query.key), &athena.NamedQueryArgs{
			Name:        pulumi.String(query.key),
			Description: pulumi.String(query.description),
			Database:    database.Name,
			Workgroup:   workgroup.Name,
			Query:       pulumi.String(query.sql),
		}, b.options(false)...); err != nil {
			return b.Wrap("create", "named query "+query.key, err)
		}
	}
	b.component.WorkgroupName = workgroup.Name
	return nil
}

func (b *builder) logTable(database *glue.CatalogDatabase, table logTable, location pulumi.StringOutput) error {
	var columns glue.CatalogTableStorageDescriptorColumnArray
	for _, one := range table.columns {
		columns = append(columns,
			glue.CatalogTableStorageDescriptorColumnArgs{Name: pulumi.String(one.name), Type: pulumi.String(one.kind)})
	}
	_, err := glue.NewCatalogTable(b.Ctx, b.Child("logs-"+table.name), &glue.CatalogTableArgs{
		DatabaseName: database.Name,
		Name:         pulumi.String(table.name),
		Description:  pulumi.String(table.description),
		TableType:    pulumi.String("EXTERNAL_TABLE"),
		Parameters:   location.ApplyT(table.projected).(pulumi.StringMapOutput),
		PartitionKeys: glue.CatalogTablePartitionKeyArray{glue.CatalogTablePartitionKeyArgs{
			Name: pulumi.String(partition),
			Type: pulumi.String("string"),
		}},
		StorageDescriptor: glue.CatalogTableStorageDescriptorArgs{
			Columns:      columns,
			Location:     pulumi.Sprintf("%s/", location),
			InputFormat:  pulumi.String("org.apache.hadoop.mapred.TextInputFormat"),
			OutputFormat: pulumi.String("org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"),
			SerDeInfo: glue.CatalogTableStorageDescriptorSerDeInfoArgs{
				SerializationLibrary: pulumi.String(table.library), Parameters: pulumi.ToStringMap(table.serializer),
			},
		},
	}, b.options(false)...)
	return b.Wrap("create", "table "+table.name, err)
}
