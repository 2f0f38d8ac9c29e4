package aws

import "strings"

func (w *world) alias(name, key string) error {
	return failed(w.try(aliasType, "alias", in{"name": name, "targetKeyId": key}))
}

var keyPairs = map[string]pair{
	"an alias of a known key": {
		want: "NotFoundException: Key 'none' does not exist",
		refuses: func(w *world) error {
			key := w.make(keyType, "gone", in{})
			if err := w.delete(key); err != nil {
				return err
			}
			// A key that waits for its deletion does not count either.
			if err := w.alias("alias/app", key.id); err == nil {
				return nil
			}
			return w.alias("alias/app", "none")
		},
		passes: func(w *world) error { return w.alias("alias/app", w.make(keyType, "key", in{}).id) },
	},
	"one alias a name": {
		want: "AlreadyExistsException: An alias with the name arn:aws:kms:ap-northeast-1:123456789012:alias/app " +
			"already exists",
		refuses: func(w *world) error {
			key := w.make(keyType, "key", in{})
			w.make(aliasType, "first", in{"name": "alias/app", "targetKeyId": key.id})
			return w.alias("alias/app", key.id)
		},
		passes: func(w *world) error {
			key := w.make(keyType, "key", in{})
			w.make(aliasType, "first", in{"name": "alias/app", "targetKeyId": key.text("arn")})
			return w.alias("alias/logs", key.id)
		},
	},
	"document of a key policy": {
		want:    "MalformedPolicyDocument: Missing required field Principal: policy, statement 0",
		refuses: func(w *world) error { return failed(w.try(keyType, "key", in{"policy": allow})) },
		passes: func(w *world) error {
			return failed(w.try(keyType, "key",
				in{"policy": strings.Replace(trust, `"Action"`, `"Resource":"*","Action"`, 1)}))
		},
	},
}
