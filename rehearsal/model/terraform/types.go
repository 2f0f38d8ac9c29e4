package terraform

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
)

// known is how Terraform makes the objects of a type.
type known struct {
	typ string // Pulumi's
	// arguments are those that the original design's configuration gives, their values being those
	// of the state. What else the state has, the cloud computed.
	arguments string
	// names are Pulumi's for arguments that it calls otherwise.
	names map[string]string
	// compound says that the id consists of names and of other ids.
	compound bool
	// parts are made in the place of one object.
	parts func(instance) ([]object, error)
}

const (
	tableType   = "aws:ec2/routeTable:RouteTable"
	routeType   = "aws:ec2/route:Route"
	groupType   = "aws:ec2/securityGroup:SecurityGroup"
	ingressType = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressType  = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
)

var types = map[string]known{
	"aws_vpc": {
		typ:       "aws:ec2/vpc:Vpc",
		arguments: "cidr_block enable_dns_hostnames enable_dns_support tags",
	},
	"aws_subnet": {
		typ:       "aws:ec2/subnet:Subnet",
		arguments: "vpc_id cidr_block availability_zone map_public_ip_on_launch tags",
	},
	"aws_internet_gateway": {typ: "aws:ec2/internetGateway:InternetGateway", arguments: "vpc_id"},
	"aws_eip":              {typ: "aws:ec2/eip:Eip", arguments: "domain"},
	"aws_nat_gateway":      {typ: "aws:ec2/natGateway:NatGateway", arguments: "allocation_id subnet_id"},
	"aws_route_table":      {parts: routeTable},
	"aws_route_table_association": {
		typ: "aws:ec2/routeTableAssociation:RouteTableAssociation", arguments: "subnet_id route_table_id",
	},
	"aws_vpc_endpoint": {
		typ: "aws:ec2/vpcEndpoint:VpcEndpoint", arguments: "vpc_id service_name vpc_endpoint_type route_table_ids",
	},
	"aws_security_group":      {parts: securityGroup},
	"aws_security_group_rule": {parts: securityGroupRule},
	"aws_lb": {
		typ:       "aws:lb/loadBalancer:LoadBalancer",
		arguments: "name load_balancer_type security_groups subnets enable_deletion_protection enable_http2",
	},
	"aws_lb_target_group": {
		typ: "aws:lb/targetGroup:TargetGroup", arguments: "name port protocol vpc_id target_type health_check",
	},
	"aws_lb_listener": {
		typ:       "aws:lb/listener:Listener",
		arguments: "load_balancer_arn port protocol ssl_policy certificate_arn default_action",
	},
	"aws_lb_listener_rule": {
		typ:       "aws:lb/listenerRule:ListenerRule",
		arguments: "listener_arn priority action condition",
	},
	"aws_acm_certificate": {
		typ: "aws:acm/certificate:Certificate", arguments: "domain_name subject_alternative_names validation_method",
	},
	"aws_ecr_repository": {typ: "aws:ecr/repository:Repository", arguments: "name image_tag_mutability"},
	"aws_ecs_cluster":    {typ: "aws:ecs/cluster:Cluster", arguments: "name setting"},
	"aws_cloudwatch_log_group": {
		typ: "aws:cloudwatch/logGroup:LogGroup", arguments: "name retention_in_days",
	},
	"aws_iam_role":        {typ: "aws:iam/role:Role", arguments: "name assume_role_policy"},
	"aws_iam_role_policy": {typ: "aws:iam/rolePolicy:RolePolicy", arguments: "name role policy", compound: true},
	"aws_iam_role_policy_attachment": {
		typ: "aws:iam/rolePolicyAttachment:RolePolicyAttachment", arguments: "role policy_arn", compound: true,
	},
	"aws_ecs_task_definition": {
		typ:      "aws:ecs/taskDefinition:TaskDefinition",
		compound: true,
		arguments: "family network_mode requires_compatibilities cpu memory execution_role_arn task_role_arn " +
			"container_definitions",
		names: map[string]string{"requires_compatibilities": "requiresCompatibilities"},
	},
	// ECS Exec is left out: no task comes up in the model whose role does not let its agent
	// connect.
	"aws_ecs_service": {
		typ: "aws:ecs/service:Service",
		arguments: "name cluster task_definition desired_count launch_type " +
			"deployment_circuit_breaker network_configuration load_balancer",
	},
	"aws_appautoscaling_target": {
		typ: "aws:appautoscaling/target:Target", compound: true,
		arguments: "max_capacity min_capacity resource_id scalable_dimension service_namespace",
	},
	"aws_appautoscaling_policy": {
		typ: "aws:appautoscaling/policy:Policy", compound: true,
		arguments: "name policy_type resource_id scalable_dimension service_namespace " +
			"target_tracking_scaling_policy_configuration",
	},
	"aws_db_subnet_group": {typ: "aws:rds/subnetGroup:SubnetGroup", arguments: "name subnet_ids"},
	"aws_rds_cluster": {
		typ: "aws:rds/cluster:Cluster",
		arguments: "cluster_identifier engine engine_mode engine_version database_name master_username " +
			"master_password " +
			"db_subnet_group_name vpc_security_group_ids backup_retention_period preferred_backup_window " +
			"storage_encrypted " +
			"final_snapshot_identifier deletion_protection serverlessv2_scaling_configuration",
	},
	"aws_rds_cluster_instance": {
		typ: "aws:rds/clusterInstance:ClusterInstance",
		arguments: "identifier cluster_identifier instance_class engine engine_version db_subnet_group_name " +
			"availability_zone",
	},
	"aws_ssm_parameter": {typ: "aws:ssm/parameter:Parameter", arguments: "name description type value"},
	"aws_s3_bucket":     {typ: "aws:s3/bucketV2:BucketV2", arguments: "bucket"},
	"aws_s3_bucket_server_side_encryption_configuration": {
		typ:       "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
		arguments: "bucket rule",
	},
	"aws_s3_bucket_public_access_block": {
		typ:       "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
		arguments: "bucket block_public_acls block_public_policy ignore_public_acls restrict_public_buckets",
	},
	"aws_route53_zone": {typ: "aws:route53/zone:Zone", arguments: "name"},
	"aws_route53_record": {
		typ: "aws:route53/record:Record", arguments: "zone_id name type ttl records alias", compound: true,
	},
	"aws_cloudfront_origin_access_control": {
		typ:       "aws:cloudfront/originAccessControl:OriginAccessControl",
		arguments: "name origin_access_control_origin_type signing_behavior signing_protocol",
	},
	"aws_cloudfront_distribution": {
		typ: "aws:cloudfront/distribution:Distribution",
		arguments: "aliases default_cache_behavior ordered_cache_behavior enabled http_version is_ipv6_enabled " +
			"origin " +
			"price_class restrictions viewer_certificate web_acl_id",
	},
	"aws_wafv2_web_acl": {
		typ: "aws:wafv2/webAcl:WebAcl", arguments: "name scope default_action rule visibility_config",
	},
	"aws_sns_topic": {typ: "aws:sns/topic:Topic", arguments: "name"},
	"aws_sns_topic_subscription": {
		typ: "aws:sns/topicSubscription:TopicSubscription", arguments: "topic_arn protocol endpoint",
		names: map[string]string{"topic_arn": "topic"},
	},
	"aws_cloudwatch_metric_alarm": {
		typ: "aws:cloudwatch/metricAlarm:MetricAlarm",
		arguments: "alarm_name alarm_actions comparison_operator datapoints_to_alarm dimensions evaluation_periods " +
			"metric_name namespace period statistic threshold",
		names: map[string]string{"alarm_name": "name"},
	},
}

// routeTable is a table and the routes that Terraform has within it.
func routeTable(i instance) ([]object, error) {
	made := []object{{tableType, map[string]any{"vpcId": i.attributes["vpc_id"]}}}
	routes, _ := i.attributes["route"].([]any)
	for _, route := range routes {
		inputs := map[string]any{"routeTableId": i.attributes["id"]}
		values, _ := route.(map[string]any)
		for name, value := range values {
			if zero(value) {
				continue
			}
			if name == "cidr_block" {
				name = "destination_cidr_block"
			}
			inputs[camel(name)] = value
		}
		made = append(made, object{routeType, inputs})
	}
	return made, nil
}

// securityGroup is a group and the rules that its configuration has within it. Those that are
// resources of their own are within every group of the state too, once it was refreshed.
func securityGroup(i instance) ([]object, error) {
	made := []object{{groupType, map[string]any{
		"name": i.attributes["name"], "description": i.attributes["description"], "vpcId": i.attributes["vpc_id"],
	}}}
	if !strings.HasSuffix(i.address, ".aurora") {
		return made, nil
	}
	rules, _ := i.attributes["ingress"].([]any)
	for _, rule := range rules {
		values, _ := rule.(map[string]any)
		groups, _ := values["security_groups"].([]any)
		for _, group := range groups {
			made = append(made, object{ingressType, map[string]any{
				"securityGroupId":           i.attributes["id"],
				"referencedSecurityGroupId": group,
				"ipProtocol":                values["protocol"],
				"fromPort":                  number(values["from_port"]),
				"toPort":                    number(values["to_port"]),
			}})
		}
	}
	return made, nil
}

// securityGroupRule is a rule. AWS has one for each source, whatever Terraform calls them.
func securityGroupRule(i instance) ([]object, error) {
	typ := map[string]string{"ingress": ingressType, "egress": egressType}[i.text("type")]
	if typ == "" {
		return nil, fmt.Errorf("type is %q, want ingress or egress", i.text("type"))
	}
	inputs := map[string]any{
		"securityGroupId": i.attributes["security_group_id"],
		"ipProtocol":      i.attributes["protocol"],
	}
	if i.text("protocol") != "-1" {
		inputs["fromPort"], inputs["toPort"] = number(i.attributes["from_port"]), number(i.attributes["to_port"])
	}
	if group := i.text("source_security_group_id"); group != "" {
		inputs["referencedSecurityGroupId"] = group
		return []object{{typ, inputs}}, nil
	}
	var made []object
	blocks, _ := i.attributes["cidr_blocks"].([]any)
	for _, block := range blocks {
		rule := map[string]any{"cidrIpv4": block}
		for name, value := range inputs {
			rule[name] = value
		}
		made = append(made, object{typ, rule})
	}
	if len(made) == 0 {
		return nil, fmt.Errorf("it has neither a group nor a block")
	}
	return made, nil
}

// inputs are Pulumi's for an instance's arguments.
func (k known) inputs(res *schema.Resource, one instance) (map[string]any, error) {
	if res == nil {
		return nil, fmt.Errorf("the model has no type %s", k.typ)
	}
	inputs := map[string]any{}
	for _, argument := range strings.Fields(k.arguments) {
		value, ok := one.attributes[argument]
		if !ok {
			return nil, fmt.Errorf("the state has no %s", argument)
		}
		name := k.names[argument]
		if name == "" {
			name = property(res.Inputs, argument)
		}
		if name == "" || res.Inputs[name] == nil {
			return nil, fmt.Errorf("%s has no input for %s", k.typ, argument)
		}
		if zero(value) && !res.Inputs[name].Required {
			continue
		}
		converted, err := convert(res.Inputs[name].Type, value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", argument, err)
		}
		inputs[name] = converted
	}
	return inputs, nil
}

// convert is a value of Terraform's as Pulumi has it: of a block that there is once at most it has
// no list.
func convert(t *schema.Type, value any) (any, error) {
	switch t.Kind {
	case schema.Object:
		if list, ok := value.([]any); ok {
			if len(list) != 1 {
				return nil, fmt.Errorf("found %d blocks, want one", len(list))
			}
			value = list[0]
		}
		if value == nil {
			return map[string]any{}, nil
		}
		values, ok := value.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("found %T, want a block", value)
		}
		return block(t.Object.Properties, values)
	case schema.List:
		list, ok := value.([]any)
		if !ok {
			return nil, fmt.Errorf("found %T, want a list", value)
		}
		all := make([]any, len(list))
		for i, one := range list {
			var err error
			if all[i], err = convert(t.Element, one); err != nil {
				return nil, fmt.Errorf("%d: %w", i, err)
			}
		}
		return all, nil
	case schema.Integer, schema.Number:
		return number(value), nil
	}
	return value, nil
}

// block are the properties of a block. What Terraform writes for an argument that nobody gave is
// left out.
func block(properties schema.Properties, values map[string]any) (map[string]any, error) {
	inputs := map[string]any{}
	for argument, value := range values {
		name := property(properties, argument)
		if zero(value) && (name == "" || !properties[name].Required) {
			continue
		}
		if name == "" {
			return nil, fmt.Errorf("the type has no property for %s", argument)
		}
		converted, err := convert(properties[name].Type, value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", argument, err)
		}
		inputs[name] = converted
	}
	return inputs, nil
}

// property is what Pulumi calls an argument: in one word, and of lists in the plural. Empty for
// none.
func property(properties schema.Properties, argument string) string {
	name := camel(argument)
	for _, candidate := range []string{name, name + "s", name + "es", strings.TrimSuffix(name, "y") + "ies"} {
		if properties[candidate] != nil {
			return candidate
		}
	}
	return ""
}

// camel is a name of Terraform's in one word.
func camel(name string) string {
	parts := strings.Split(name, "_")
	for i := range parts[1:] {
		if part := parts[i+1]; part != "" {
			parts[i+1] = strings.ToUpper(part[:1]) + part[1:]
		}
	}
	return strings.Join(parts, "")
}

// zero says whether a value is what Terraform writes for an argument that nobody gave.
func zero(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case string:
		return value == ""
	case bool:
		return !value
	case json.Number:
		return value == "0"
	case []any:
		return len(value) == 0
	case map[string]any:
		return len(value) == 0
	}
	return false
}

// number is a number that the state may have as a text.
func number(value any) any {
	var text string
	switch value := value.(type) {
	case json.Number:
		text = value.String()
	case string:
		text = value
	default:
		return value
	}
	n, err := json.Number(text).Float64()
	if err != nil {
		return value
	}
	return n
}
