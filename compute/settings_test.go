package compute

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCluster(t *testing.T) {
	r := mustBuild(t, nil)
	assertInputs(t, get(t, r, typeCluster, "cluster"), map[string]any{
		"name":     "bookmark-manager-production-cluster",
		"settings": []any{map[string]any{"name": "containerInsights", "value": "enabled"}},
		"serviceConnectDefaults": map[string]any{
			"namespace": "arn:aws:test:ap-northeast-1:111122223333:cluster-connect",
		},
		"configuration": map[string]any{"executeCommandConfiguration": map[string]any{
			"logging": "OVERRIDE",
			"logConfiguration": map[string]any{
				"cloudWatchLogGroupName": "/ecs/bookmark-manager-production-exec", "cloudWatchEncryptionEnabled": true,
			},
		}},
	})
	assertInputs(t, get(t, r, typeCapacity, "cluster-capacity"), map[string]any{
		"clusterName":                       "bookmark-manager-production-cluster",
		"capacityProviders":                 []any{"FARGATE", "FARGATE_SPOT"},
		"defaultCapacityProviderStrategies": []any{map[string]any{"capacityProvider": "FARGATE", "weight": 1.0}},
	})
}

func TestLogGroupsAreNamedEncryptedAndEmptied(t *testing.T) {
	r := mustBuild(t, nil)
	for name, want := range map[string]struct {
		group string
		days  float64
	}{
		"web":          {"/ecs/bookmark-manager-production-web", 30},
		"api":          {"/ecs/bookmark-manager-production-api", 30},
		"migration":    {"/ecs/bookmark-manager-production-migration", 30},
		"cluster-exec": {"/ecs/bookmark-manager-production-exec", 90},
	} {
		assertInputs(t, get(t, r, typeLogGroup, name), map[string]any{
			"name": want.group, "retentionInDays": want.days, "kmsKeyId": arn("kms", "key/logs"),
		})
	}
}

func TestRegistry(t *testing.T) {
	r := mustBuild(t, nil)
	for _, service := range []string{"web", "api"} {
		assertInputs(t, get(t, r, typeRepository, "registry-"+service), map[string]any{
			"name":                       "bookmark-manager-production-" + service,
			"imageTagMutability":         "IMMUTABLE",
			"imageScanningConfiguration": map[string]any{"scanOnPush": true},
			"encryptionConfigurations": []any{map[string]any{
				"encryptionType": "KMS",
				"kmsKey":         arn("kms", "key/data"),
			}},
		})
		lifecycle := get(t, r, typeLifecycle, "registry-"+service)
		assert.Equal(t, "bookmark-manager-production-"+service, lifecycle.Input("repository"))
		// The model of the clouds tries what these rules keep.
		rules, err := os.ReadFile("testdata/lifecycle.json")
		require.NoError(t, err)
		assert.JSONEq(t, string(rules), lifecycle.Input("policy").(string))
	}
}

func TestLoadBalancer(t *testing.T) {
	r := mustBuild(t, nil)
	assertInputs(t, get(t, r, typeBalancer, "alb"), map[string]any{
		"loadBalancerType":         "application",
		"internal":                 false,
		"enableHttp2":              true,
		"enableDeletionProtection": true,
		"subnets":                  []any{"subnet-1", "subnet-2"},
		"securityGroups":           []any{"sg-443", "sg-80"},
		"name":                     nil,
		"idleTimeout":              60.0,
		"dropInvalidHeaderFields":  true,
		"desyncMitigationMode":     "defensive",
		"enableZonalShift":         true,
		"accessLogs":               map[string]any{"enabled": true, "bucket": "logs-bucket", "prefix": "alb"},
		"connectionLogs": map[string]any{
			"enabled": true,
			"bucket":  "logs-bucket",
			"prefix":  "alb-connection",
		},
	})
	assertInputs(t, get(t, r, typeListener, "alb-http"), map[string]any{
		"port": 80.0, "protocol": "HTTP",
		"defaultActions": []any{map[string]any{"type": "redirect", "redirect": map[string]any{
			"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301",
		}}},
	})
	assertInputs(t, get(t, r, typeListener, "alb-https"), map[string]any{
		"port":           443.0,
		"protocol":       "HTTPS",
		"sslPolicy":      "ELBSecurityPolicy-TLS13-1-2-2021-06",
		"certificateArn": arn("acm", "certificate/1"),
		"defaultActions": []any{map[string]any{"type": "fixed-response", "fixedResponse": map[string]any{
			"statusCode": "403", "contentType": "text/plain", "messageBody": "Forbidden",
		}}},
	})
}

func TestRulesWantThePathAndTheOriginHeader(t *testing.T) {
	r := mustBuild(t, nil)
	for name, want := range map[string]struct {
		path     string
		priority float64
	}{"web": {"/*", 200}, "api": {"/api/*", 100}} {
		assertInputs(t, get(t, r, typeRule, name+"-rule"), map[string]any{
			"listenerArn": "arn:aws:test:ap-northeast-1:111122223333:alb-https",
			"priority":    want.priority,
			"actions": []any{map[string]any{
				"type":           "forward",
				"targetGroupArn": "arn:aws:test:ap-northeast-1:111122223333:" + name + "-tg",
			}},
			"conditions": []any{
				map[string]any{"pathPattern": map[string]any{"values": []any{want.path}}},
				map[string]any{"httpHeader": map[string]any{
					"httpHeaderName": "X-Origin-Verify",
					"values":         []any{"new", "old"},
				}},
			},
		})
	}
}

func TestMorePathsThanARuleTakesGetMoreRules(t *testing.T) {
	r := mustBuild(t, func(s *stack) {
		s.edit("api", func(c *ServiceConfig) { c.Paths = []PathPattern{"/a", "/b", "/c", "/d"} })
	})
	assertInputs(t, get(t, r, typeRule, "api-rule"), map[string]any{
		"priority": 100.0, "conditions[0].pathPattern.values": []any{"/a", "/b", "/c"},
	})
	assertInputs(t, get(t, r, typeRule, "api-rule-2"), map[string]any{
		"priority":                         101.0,
		"conditions[0].pathPattern.values": []any{"/d"},
		"conditions[1].httpHeader.values":  []any{"new", "old"},
	})
	assert.Contains(t, dependencies(t, r, typeRule, "api-rule"), typeRule+" api-rule-2",
		"a path is in the next rule before it leaves its own")
}

func TestTargetGroups(t *testing.T) {
	r := mustBuild(t, nil)
	for name, port := range map[string]float64{"web": 3000, "api": 3001} {
		assertInputs(t, get(t, r, typeTargetGroup, name+"-tg"), map[string]any{
			"name":                nil,
			"namePrefix":          nil,
			"vpcId":               "vpc-1",
			"targetType":          "ip",
			"protocol":            "HTTP",
			"port":                port,
			"deregistrationDelay": 30.0,
			"stickiness":          map[string]any{"type": "lb_cookie", "enabled": false},
			"healthCheck": map[string]any{
				"enabled":            true,
				"protocol":           "HTTP",
				"path":               "/api/health",
				"matcher":            "200",
				"interval":           30.0,
				"timeout":            5.0,
				"healthyThreshold":   2.0,
				"unhealthyThreshold": 3.0,
			},
		})
	}
	for _, group := range r.OfType(typeTargetGroup) {
		assert.Equal(t, []string{"port"}, group.IgnoreChanges, "another port would replace a group that has targets")
	}
	sticky := mustBuild(t, func(s *stack) { s.edit("web", func(c *ServiceConfig) { c.StickySeconds = 3600 }) })
	assert.Equal(t, map[string]any{"type": "lb_cookie", "enabled": true, "cookieDuration": 3600.0},
		get(t, sticky, typeTargetGroup, "web-tg").Input("stickiness"))
	assert.Equal(t, []string{typeTargetGroup + " web-tg"}, changed(r, sticky))
}

func TestServices(t *testing.T) {
	r := mustBuild(t, nil)
	connectLogs := map[string]any{"logDriver": "awslogs", "options": map[string]any{
		"awslogs-region":        "ap-northeast-1",
		"awslogs-stream-prefix": "connect",
		"mode":                  "non-blocking",
		"max-buffer-size":       "4m",
	}}
	for name, want := range map[string]struct {
		port   float64
		server any
	}{
		"web": {3000, nil},
		"api": {3001, []any{map[string]any{
			"portName":      "api",
			"discoveryName": "api",
			"clientAlias":   []any{map[string]any{"dnsName": "api", "port": 3001.0}},
			"timeout":       map[string]any{"perRequestTimeoutSeconds": 60.0, "idleTimeoutSeconds": 60.0},
		}}},
	} {
		service := get(t, r, typeECSService, name)
		assertInputs(t, service, map[string]any{
			"name":                            "bookmark-manager-production-" + name,
			"cluster":                         "arn:aws:test:ap-northeast-1:111122223333:cluster",
			"desiredCount":                    2.0,
			"launchType":                      nil,
			"platformVersion":                 "LATEST",
			"forceNewDeployment":              true,
			"capacityProviderStrategies":      []any{map[string]any{"capacityProvider": "FARGATE", "weight": 100.0}},
			"enableExecuteCommand":            true,
			"enableEcsManagedTags":            true,
			"propagateTags":                   "SERVICE",
			"availabilityZoneRebalancing":     "ENABLED",
			"deploymentMinimumHealthyPercent": 100.0,
			"deploymentMaximumPercent":        200.0,
			"healthCheckGracePeriodSeconds":   90.0,
			"deploymentCircuitBreaker":        map[string]any{"enable": true, "rollback": true},
			"alarms": map[string]any{
				"alarmNames": []any{"bookmark-manager-production-" + name + "-rollback-errors",
					"bookmark-manager-production-" + name + "-rollback-unhealthy"},
				"enable":   true,
				"rollback": true,
			},
			"waitForSteadyState": true,
			"networkConfiguration": map[string]any{
				"subnets":        []any{"subnet-3", "subnet-4"},
				"securityGroups": []any{"sg-" + name},
				"assignPublicIp": false,
			},
			"loadBalancers": []any{map[string]any{
				"targetGroupArn": "arn:aws:test:ap-northeast-1:111122223333:" + name + "-tg",
				"containerName":  name,
				"containerPort":  want.port,
			}},
			"serviceConnectConfiguration.enabled":   true,
			"serviceConnectConfiguration.namespace": "arn:aws:test:ap-northeast-1:111122223333:cluster-connect",
			"serviceConnectConfiguration.services":  want.server,
		})
		connectLogs["options"].(map[string]any)["awslogs-group"] = "/ecs/bookmark-manager-production-" + name
		assert.Equal(t, connectLogs, service.Input("serviceConnectConfiguration.logConfiguration"))
		assert.Equal(t, []string{"desiredCount"}, service.IgnoreChanges, "auto scaling owns it")
	}
}

func TestSpotShare(t *testing.T) {
	for percent, want := range map[int][]any{
		0: {map[string]any{"capacityProvider": "FARGATE", "weight": 100.0}},
		30: {map[string]any{"capacityProvider": "FARGATE", "weight": 70.0},
			map[string]any{"capacityProvider": "FARGATE_SPOT", "weight": 30.0}},
		100: {map[string]any{"capacityProvider": "FARGATE_SPOT", "weight": 100.0}},
	} {
		r := mustBuild(t, func(s *stack) { s.edit("web", func(c *ServiceConfig) { c.SpotPercent = percent }) })
		service := get(t, r, typeECSService, "web")
		assert.Equal(t, want, service.Input("capacityProviderStrategies"))
		assert.Equal(t, true, service.Input("forceNewDeployment"), "or another share replaces the service")
		assert.Nil(t, service.Input("triggers"), "or each deploy would start a deployment")
	}
}

func TestABaseOnDemand(t *testing.T) {
	for percent, want := range map[int][]any{
		50: {
			map[string]any{"capacityProvider": "FARGATE", "weight": 50.0, "base": 2.0},
			map[string]any{"capacityProvider": "FARGATE_SPOT", "weight": 50.0},
		},
		100: {
			map[string]any{"capacityProvider": "FARGATE", "weight": 0.0, "base": 2.0},
			map[string]any{"capacityProvider": "FARGATE_SPOT", "weight": 100.0},
		},
	} {
		r := mustBuild(t, func(s *stack) {
			s.edit("web", func(c *ServiceConfig) { c.SpotPercent, c.OnDemandBase = percent, 2 })
		})
		assert.Equal(t, want, get(t, r, typeECSService, "web").Input("capacityProviderStrategies"))
	}
}

func TestRollbackAlarms(t *testing.T) {
	r := mustBuild(t, nil)
	for name, want := range map[string]map[string]any{
		"web-rollback-errors":    {"metricName": "HTTPCode_Target_5XX_Count", "statistic": "Sum", "threshold": 10.0},
		"web-rollback-unhealthy": {"metricName": "UnHealthyHostCount", "statistic": "Minimum", "threshold": 1.0},
	} {
		want["namespace"], want["period"], want["evaluationPeriods"] = "AWS/ApplicationELB", 60.0, 3.0
		want["comparisonOperator"], want["treatMissingData"], want["alarmActions"] = "GreaterThanOrEqualToThreshold",
			"notBreaching", nil
		want["dimensions"] = map[string]any{
			"LoadBalancer": "app/alb/50dc6c495c0c9188",
			"TargetGroup":  "targetgroup/web-tg/73e2d6bc24d8a067",
		}
		assertInputs(t, get(t, r, typeAlarm, name), want)
	}
}
