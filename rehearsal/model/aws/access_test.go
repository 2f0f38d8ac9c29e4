package aws

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bookmark-manager/infrastructure/rehearsal/model/cloud"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/provider"
	"github.com/bookmark-manager/infrastructure/rehearsal/model/schema"
)

// as is a provider on the same cloud that is configured with a role.
func (w *world) as(role string) *world {
	w.t.Helper()
	p, err := New(w.cloud, account, role, nil)
	require.NoError(w.t, err)
	_, err = p.Configure(context.Background(),
		plugin.ConfigureRequest{Inputs: resource.NewPropertyMapFromMap(in{"region": tokyo})})
	require.NoError(w.t, err)
	return &world{t: w.t, cloud: w.cloud, definition: w.definition, Provider: p}
}

// worker makes a role with these statements, and returns a provider that is configured with it. A
// boundary may
// be empty.
func (w *world) worker(boundary string, statements ...string) *world {
	w.t.Helper()
	inputs := in{"name": "worker", "assumeRolePolicy": trust}
	if boundary != "" {
		inputs["permissionsBoundary"] = w.make(policyType, "limit", in{
			"name": "limit", "policy": `{"Version":"2012-10-17","Statement":[` + boundary + `]}`,
		}).text("arn")
	}
	role := w.make(roleType, "worker", inputs)
	w.make(rolePolicyType, "worker", in{
		"role":   role.id,
		"name":   "own",
		"policy": `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`,
	})
	return w.as("worker")
}

// rescue makes a cluster from a point in time of another.
func (w *world) rescue(before *world) error {
	before.make(clusterType, "source", aurora(in{"clusterIdentifier": "source"}))
	return w.aurora(in{"restoreToPointInTime": in{
		"sourceClusterIdentifier": "source",
		"useLatestRestorableTime": true,
	}})
}

const may = `{"Effect":"Allow","Action":"*","Resource":"*"}`

// TestWhoMay has a refusal for each permission that an operation needs.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	const refused = "User: arn:aws:sts::123456789012:assumed-role/worker/rehearsal is not authorized to perform: "
	deny := func(action string) string {
		return `{"Sid":"No","Effect":"Deny","Action":"` + action + `","Resource":"*"}`
	}
	bucket := func(w *world) error { return failed(w.try(bucketType, "logs", in{"bucket": "logs-123456789012"})) }
	for name, test := range map[string]struct {
		boundary   string
		statements []string
		ask        func(before, w *world) error
		want       string
	}{
		"all is allowed": {"", []string{may}, func(_, w *world) error { return bucket(w) }, ""},
		"an action that is denied": {"", []string{may, deny("s3:CreateBucket")}, func(_, w *world) error {
			return bucket(w)
		}, refused + "s3:CreateBucket"},
		"a read that comes with a creation": {
			"", []string{may, deny("s3:GetBucketLogging")}, func(_, w *world) error { return bucket(w) },
			refused + "s3:GetBucketLogging on resource: arn:aws:s3:::logs-123456789012 with an explicit deny in an " +
				"identity-based policy\n" +
				`(statement "No" of policy own of role worker denies it)`,
		},
		"a boundary": {
			`{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`, []string{may}, func(_, w *world) error {
				return bucket(w)
			},
			"because no permissions boundary allows the s3:CreateBucket action",
		},
		"an update, by what it changes": {
			"", []string{may, deny("iam:UpdateAssumeRolePolicy")}, func(before, w *world) error {
				role := before.make(roleType, "r", in{"assumeRolePolicy": trust})
				_, err := w.update(role,
					in{"assumeRolePolicy": strings.Replace(trust, "backup.amazonaws.com", "ecs.amazonaws.com", 1)})
				return err
			}, refused + "iam:UpdateAssumeRolePolicy",
		},
		"an update of something else": {
			"", []string{may, deny("iam:UpdateAssumeRolePolicy")}, func(before, w *world) error {
				role := before.make(roleType, "r", in{"assumeRolePolicy": trust})
				_, err := w.update(role, in{"assumeRolePolicy": trust, "description": "more"})
				return err
			}, "",
		},
		"tags with a creation": {
			"", []string{may, deny("ec2:CreateTags")}, func(_, w *world) error {
				return failed(w.try(vpcType, "main", in{"cidrBlock": "10.0.0.0/16", "tags": in{"Name": "main"}}))
			}, refused + "ec2:CreateTags",
		},
		"a deletion": {
			"", []string{may, deny("s3:DeleteBucket")}, func(before, w *world) error {
				return w.delete(before.make(bucketType, "logs", in{"bucket": "logs-123456789012"}))
			}, refused + "s3:DeleteBucket",
		},
		"a refresh": {
			"", []string{may, deny("logs:DescribeLogGroups")}, func(before, w *world) error {
				group := before.make(logGroupType, "web", in{"name": "/web"})
				_, err := w.Read(context.Background(), plugin.ReadRequest{
					URN:    urn(logGroupType, "web"),
					Type:   logGroupType,
					ID:     resource.ID(group.id),
					Inputs: group.inputs,
					State:  group.outputs,
				})
				return err
			}, refused + "logs:DescribeLogGroups on resource: arn:aws:logs:ap-northeast-1:123456789012:log-group:*",
		},
		"a look-up": {
			"", []string{may, deny("ec2:DescribeAvailabilityZones")}, func(_, w *world) error {
				_, err := w.Invoke(context.Background(), plugin.InvokeRequest{
					Tok: "aws:index/getAvailabilityZones:getAvailabilityZones", Args: resource.PropertyMap{},
				})
				return err
			}, "UnauthorizedOperation: " + refused + "ec2:DescribeAvailabilityZones",
		},
		"a role that is passed": {
			"", []string{may,
				`{"Effect":"Deny","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:` +
					`PassedToService":"ecs-tasks.amazonaws.com"}}}`},
			func(before, w *world) error {
				role := before.make(roleType, "task", in{"name": "task", "assumeRolePolicy": trust})
				return failed(w.try(taskDefinitionType, "web",
					before.task(in{"taskRoleArn": role.text("arn")}, box("web", nil))))
			}, refused + "iam:PassRole on resource: arn:aws:iam::123456789012:role/task",
		},
		"a service-linked role": {
			"", []string{may, deny("iam:CreateServiceLinkedRole")}, func(_, w *world) error {
				return failed(w.try(ecsClusterType, "main", in{"name": "main"}))
			}, refused + "iam:CreateServiceLinkedRole on resource: " +
				"arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/*",
		},
		"a service-linked role of AWS Backup": {
			"", []string{may, deny("iam:CreateServiceLinkedRole")}, func(before, w *world) error {
				return w.selection(before.backupPlan(), before.trust("backup", "backup.amazonaws.com"))
			}, refused + "iam:CreateServiceLinkedRole on resource: " +
				"arn:aws:iam::123456789012:role/aws-service-role/backup.amazonaws.com/*",
		},
		"a service-linked role of Chatbot": {
			"", []string{may, deny("iam:CreateServiceLinkedRole")}, func(before, w *world) error {
				return w.channel(before.trust("slack", "chatbot.amazonaws.com"))
			}, refused + "iam:CreateServiceLinkedRole on resource: " +
				"arn:aws:iam::123456789012:role/aws-service-role/management.chatbot.amazonaws.com/*",
		},
		"a cluster from a point in time is not made anew": {
			"", []string{may, deny("rds:CreateDBCluster")}, func(before, w *world) error {
				return w.rescue(before)
			}, "",
		},
		"a cluster from a point in time": {
			"", []string{may, deny("rds:RestoreDBClusterToPointInTime")}, func(before, w *world) error {
				return w.rescue(before)
			},
			refused + "rds:RestoreDBClusterToPointInTime",
		},
		"a final snapshot": {
			"", []string{may, deny("rds:CreateDBClusterSnapshot")}, func(before, w *world) error {
				return w.delete(before.make(clusterType, "db",
					aurora(in{"skipFinalSnapshot": false, "finalSnapshotIdentifier": "last"})))
			}, refused + "rds:CreateDBClusterSnapshot on resource: " +
				"arn:aws:rds:ap-northeast-1:123456789012:cluster-snapshot:last",
		},
		"a role without the boundary": {
			"", []string{may,
				`{"Effect":"Deny","Action":"iam:CreateRole","Resource":"*","Condition":{"Null":{"iam:` +
					`PermissionsBoundary":"true"}}}`},
			func(_, w *world) error {
				return failed(w.try(roleType, "r", in{"assumeRolePolicy": trust}))
			}, refused + "iam:CreateRole",
		},
		"a key found by its alias": {
			"", []string{may,
				`{"Effect":"Deny","Action":"kms:PutKeyPolicy","Resource":"*","Condition":{"ForAnyValue:` +
					`StringEquals":{"kms:ResourceAliases":"alias/state"}}}`},
			func(before, w *world) error {
				key := before.make(keyType, "state", nil)
				before.make(aliasType, "state", in{"name": "alias/state", "targetKeyId": key.id})
				_, err := w.update(key, in{"policy": letsIn("logs.ap-northeast-1.amazonaws.com", "")})
				return err
			}, refused + "kms:PutKeyPolicy",
		},
		"an alias asks for its key as well": {
			"", []string{may, `{"Effect":"Deny","Action":"kms:CreateAlias","Resource":"arn:aws:kms:*:*:key/*"}`},
			func(before, w *world) error {
				key := before.make(keyType, "state", nil)
				return failed(w.try(aliasType, "state", in{"name": "alias/state", "targetKeyId": key.id}))
			}, refused + "kms:CreateAlias on resource: arn:aws:kms:ap-northeast-1:123456789012:key/",
		},
		"a region": {
			"", []string{may,
				`{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":` +
					`["us-east-1"]}}}`},
			func(_, w *world) error { return bucket(w) }, refused + "s3:CreateBucket",
		},
		"a global service is in us-east-1": {
			"", []string{may,
				`{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":` +
					`["us-east-1"]}}}`},
			func(_, w *world) error { return failed(w.try(roleType, "r", in{"assumeRolePolicy": trust})) }, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := newWorld(t)
			err := test.ask(before, before.worker(test.boundary, test.statements...))
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, test.want)
		})
	}
}

// TestKeysThatServicesUseInTheCallersName has each use refused by a key that is for another
// service, and allowed by one that is for it.
func TestKeysThatServicesUseInTheCallersName(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		service string
		ask     func(w *world, key string) error
		want    string
	}{
		"a repository": {"ecr", func(w *world, key string) error {
			return failed(w.try(repositoryType, "web",
				in{"name": "web", "encryptionConfigurations": []any{in{"encryptionType": "KMS", "kmsKey": key}}}))
		}, "kms:CreateGrant"},
		"a vault": {"backup", func(w *world, key string) error {
			return failed(w.try(vaultType, "main", in{"name": "main", "kmsKeyArn": key}))
		}, "kms:CreateGrant"},
		"a parameter": {"ssm", func(w *world, key string) error {
			return failed(w.try(parameterType, "a", in{
				"name":  "/a",
				"type":  "SecureString",
				"value": "x",
				"keyId": key,
			}))
		}, "kms:Encrypt"},
		"an object": {"s3", func(w *world, key string) error {
			bucket := w.make(bucketType, "data", in{"bucket": "data"})
			w.make(bucketEncryptionType, "data", in{"bucket": bucket.id, "rules": []any{in{
				"applyServerSideEncryptionByDefault": in{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key},
			}}})
			return failed(w.try(bucketObjectType, "page", in{"bucket": bucket.id, "key": "page", "content": "x"}))
		}, "kms:GenerateDataKey"},
		"a cluster": {"rds", func(w *world, key string) error {
			return failed(w.try(clusterType, "db", aurora(in{"kmsKeyId": key, "storageEncrypted": true})))
		}, "kms:CreateGrant"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, service := range []string{"other", test.service} {
				before := newWorld(t)
				key := before.make(keyType, "data", in{"policy": `{"Version":"2012-10-17","Statement":[` +
					`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":["kms:Describe*","kms:` +
					`PutKeyPolicy"],"Resource":"*"},` +
					`{"Sid":"Use","Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":["kms:CreateGrant",` +
					`"kms:Decrypt","kms:Encrypt",` +
					`"kms:GenerateDataKey"],"Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"` + service +
					`.ap-northeast-1.amazonaws.com"}}}]}`})
				err := test.ask(before.worker("", may), key.text("arn"))
				if service == test.service {
					require.NoError(t, err)
					continue
				}
				require.ErrorContains(t, err,
					"is not authorized to perform: "+test.want+" on resource: "+key.text("arn")+
						" because no resource-based policy allows the "+test.want+" action")
				assert.ErrorContains(t, err, `(closest is statement "Use" of the policy of key`)
				assert.ErrorContains(t, err, "and the request has "+test.service+".ap-northeast-1.amazonaws.com")
			}
		})
	}
}

func TestWhoAsksMustExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make(roleType, "deploy", in{"name": "deploy", "assumeRolePolicy": trust})
	err := failed(w.as("deplyo").try(bucketType, "logs", in{}))
	require.ErrorIs(t, err, ErrNoRole)
	assert.ErrorContains(t, err,
		`ask as role "deplyo" in account 123456789012: the role does not exist: there are deploy`)
}

// TestKeysAndWhoAsks has what KMS decides by more than the caller's identity-based policies.
func TestKeysAndWhoAsks(t *testing.T) {
	t.Parallel()
	repository := func(w *world, key string) (object, error) {
		return w.try(repositoryType, "web",
			in{"name": "web", "encryptionConfigurations": []any{in{"encryptionType": "KMS", "kmsKey": key}}})
	}
	const silent = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},` +
		`"Action":["kms:CreateGrant","kms:Describe*"],"Resource":"*"},` +
		`{"Effect":"Deny","Principal":"*","Action":"kms:RetireGrant","Resource":"*"}]}`

	t.Run("retiring a grant is IAM's", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		key := w.make(keyType, "data", in{"policy": silent})
		made, err := repository(w, key.text("arn"))
		require.NoError(t, err)
		require.NoError(t, w.worker("", may).delete(made),
			"a key's policy has no say in it, neither to allow nor to deny")
	})
	t.Run("and IAM may deny it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		made, err := repository(w, w.make(keyType, "data", in{"policy": silent}).text("arn"))
		require.NoError(t, err)
		err = w.worker("", may, `{"Sid":"No","Effect":"Deny","Action":"kms:RetireGrant","Resource":"*"}`).delete(made)
		assert.ErrorContains(t, err, "kms:RetireGrant")
		assert.ErrorContains(t, err, "with an explicit deny in an identity-based policy")
	})
	t.Run("a key that does not exist", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		err := w.alarm(in{"alarmActions": []any{w.make(topicType, "a",
			in{"kmsMasterKeyId": "11111111-2222-4333-a444-555555555555"}).
			id}})
		assert.ErrorContains(t, err,
			"NotFoundException: Key 'arn:aws:kms:ap-northeast-1:123456789012:key/"+
				"11111111-2222-4333-a444-555555555555' does not exist")
	})
	t.Run("an alias that does not exist", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		err := w.alarm(in{"alarmActions": []any{w.make(topicType, "a", in{"kmsMasterKeyId": "alias/none"}).id}})
		assert.ErrorContains(t, err,
			"NotFoundException: Alias arn:aws:kms:ap-northeast-1:123456789012:alias/none is not found.")
	})
}

// Only some services say through which service a request came.
func TestCalledViaIsOfFewServices(t *testing.T) {
	t.Parallel()
	const onlyCalledVia = `{"Sid":"No","Effect":"Deny","Action":"kms:CreateGrant","Resource":"*",` +
		`"Condition":{"ForAnyValue:StringLike":{"aws:CalledVia":"*"}}}`
	for service, ask := range map[string]func(w *world, key string) error{
		"ecr": func(w *world, key string) error {
			return failed(w.try(repositoryType, "web",
				in{"name": "web", "encryptionConfigurations": []any{in{"encryptionType": "KMS", "kmsKey": key}}}))
		},
		"backup": func(w *world, key string) error {
			return failed(w.try(vaultType, "main", in{"name": "main", "kmsKeyArn": key}))
		},
	} {
		w := newWorld(t)
		err := ask(w.worker("", may, onlyCalledVia), w.make(keyType, "data", nil).text("arn"))
		if service == "backup" {
			assert.ErrorContains(t, err, "kms:CreateGrant")
			continue
		}
		assert.NoError(t, err, service)
	}
}

// A bucket of another account is that account's: its policy must allow as well.
func TestABucketOfAnotherAccount(t *testing.T) {
	t.Parallel()
	const name = "shelf-444455556666"
	for statement, want := range map[string]string{
		"": "because no resource-based policy allows the s3:GetObject action",
		`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"s3:*",
		 "Resource":["arn:aws:s3:::` + name + `","arn:aws:s3:::` + name + `/*"]}`: "",
	} {
		w := newWorld(t)
		theirs := w.other(tokyo, "444455556666", nil)
		theirs.make(bucketType, "shelf", in{"bucket": name})
		if statement != "" {
			theirs.make(bucketPolicyType, "shelf",
				in{"bucket": name, "policy": `{"Version":"2012-10-17","Statement":[` + statement + `]}`})
		}
		err := failed(w.worker("", may).try(bucketObjectType, "page",
			in{"bucket": name, "key": "page", "content": "x"}))
		if want == "" {
			assert.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, want)
	}
}

// A vault of the same name in another region has a policy of its own.
func TestAPolicyIsOfItsPlace(t *testing.T) {
	t.Parallel()
	const closed = `{"Version":"2012-10-17","Statement":[{"Sid":"No","Effect":"Deny","Principal":"*","Action":` +
		`"backup:DeleteBackupVault","Resource":"*"}]}`
	w := newWorld(t)
	there := w.other("us-east-1", account, nil)
	there.make(vaultPolicyType, "main",
		in{"backupVaultName": there.make(vaultType, "main", in{"name": "main"}).id, "policy": closed})
	here := w.make(vaultType, "main", in{"name": "main"})
	worker := w.worker("", may)
	require.NoError(t, worker.delete(here))

	here = w.make(vaultType, "main", in{"name": "main"})
	w.make(vaultPolicyType, "main", in{"backupVaultName": here.id, "policy": closed})
	assert.ErrorContains(t, worker.delete(here), `(statement "No" of the policy of vault main denies it)`)
}

// A policy of a resource that names nobody is refused where it decides.
func TestAResourcePolicyNamesSomebody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bucket := w.make(bucketType, "shelf", in{"bucket": "shelf-123456789012"})
	err := failed(w.worker("", may).try(bucketPolicyType, "shelf", in{
		"bucket": bucket.id,
		"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
	}))
	assert.ErrorContains(t, err, "Missing required field Principal")
}

// A document that the model does not understand, and that no stack has made, decides nothing.
func TestADocumentThatCannotBeJudged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	worker := w.worker("", may)
	require.NoError(t, w.cloud.Update(func(tx *cloud.Tx) error {
		all, err := tx.OfType(rolePolicyType)
		if err != nil {
			return err
		}
		for _, o := range all {
			o.Outputs["policy"] = resource.NewProperty(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
				`"Action":"*","Resource":"*",` +
				`"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}]}`)
			if err := tx.Replace(o); err != nil {
				return err
			}
		}
		return nil
	}))
	err := failed(worker.try(bucketType, "logs", in{}))
	assert.ErrorContains(t, err,
		`policy own of role worker: read statement 1 of a policy document: the model does not know the condition `+
			`key "aws:PrincipalOrgID"`)
}

// Every type that the program can have is in actions.json, with all that can be done to it, and
// every addition says where it is from.
func TestEveryOperationHasActions(t *testing.T) {
	t.Parallel()
	all, err := actionsByType()
	require.NoError(t, err)
	known, err := schema.AWS()
	require.NoError(t, err)
	for typ, entry := range all {
		require.Contains(t, known.Resources, typ)
		operations := map[string]*operationActions{"create": entry.Create, "read": entry.Read, "delete": entry.Delete}
		for _, input := range known.Resources[typ].Inputs {
			if !input.Replace {
				operations["update"] = entry.Update
			}
		}
		for name, one := range operations {
			if !assert.NotNil(t, one, "%s of %s", name, typ) {
				continue
			}
			assert.True(t, len(one.Actions) > 0 != (one.None != ""), "%s of %s: actions, or why there are none", name,
				typ)
			for _, action := range one.Actions {
				assert.Regexp(t, `^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$`, action)
			}
			for input, more := range one.With {
				assert.NotEmpty(t, more.Source, "%s of %s with %s", name, typ, input)
				if input != "*" {
					assert.Contains(t, known.Resources[typ].Inputs, input, "%s of %s", name, typ)
				}
			}
		}
	}
	for token := range functions {
		assert.Contains(t, lookUpActions, token)
	}
}

func TestATypeWithoutActionsIsAnErrorOfTheModel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vault := w.make(vaultType, "main", in{"name": "main"})
	err := failed(w.worker("", may).try(vaultPolicyType, "main",
		in{"backupVaultName": vault.id, "policy": letsIn("backup.amazonaws.com", "")}))
	assert.ErrorContains(t, err, "the model has no actions for "+vaultPolicyType+": add the type to actions.json")
}

// A creation that fails half-way is ended by an update without a change, which only reads, also
// where no update of the type exists.
func TestAnUpdateWithoutAChangeAsksForTheReadAlone(t *testing.T) {
	t.Parallel()
	const attachment = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	inputs := resource.PropertyMap{
		"role":      resource.NewProperty("tasks"),
		"policyArn": resource.NewProperty("arn:aws:iam::aws:policy/A"),
	}
	request := &provider.Request{
		Type:   attachment,
		Inputs: provider.Values(inputs),
		Old:    &cloud.Object{Inputs: cloud.Properties(inputs.Copy())},
	}
	actions, err := actionsFor(request, provider.Updating)
	require.NoError(t, err)
	assert.Equal(t, []string{"iam:ListAttachedRolePolicies"}, actions)

	request.Inputs = provider.Values(inputs.Copy())
	request.Inputs["policyArn"] = resource.NewProperty("arn:aws:iam::aws:policy/B")
	_, err = actionsFor(request, provider.Updating)
	assert.ErrorContains(t, err, "no actions for the update of "+attachment)
}
